/* ClfsGetIoStatistics: flushes are counted, and a small buffer gets what fits. */
#include "fixture.h"

static LOG log_;

static CLFS_IO_STATISTICS statistics(void) {
    CLFS_IO_STATISTICS found;
    ULONG written = 0;
    FILL(found);
    CHECK_STATUS(ClfsGetIoStatistics(log_.file, &found, sizeof found, ClfsIoStatsDefault, &written), STATUS_SUCCESS);
    CHECK(written == sizeof found && sizeof found == 48);
    return found;
}

TEST(flushes_are_counted) {
    CLFS_IO_STATISTICS before = statistics();
    CHECK(before.hdrIoStats.eStatsClass == ClfsIoStatsDefault && before.hdrIoStats.cbLength == sizeof before);
    CHECK(before.hdrIoStats.coffData == sizeof before.hdrIoStats);
    put(log_.area, "one");
    CHECK_STATUS(ClfsFlushBuffers(log_.area), STATUS_SUCCESS);
    CLFS_IO_STATISTICS after = statistics();
    CHECK(after.cFlush > before.cFlush && after.cbFlush >= before.cbFlush + SECTOR_BYTES);
    CLFS_LSN end = information(log_.file).LastLsn;
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &end, 0), STATUS_SUCCESS);
    CLFS_IO_STATISTICS moved = statistics();
    CHECK(moved.cMetaFlush > after.cMetaFlush && moved.cbMetaFlush > after.cbMetaFlush);
}

TEST(a_small_buffer_gets_the_part_that_fits) {
    for (ULONG room = 0; room < 60; room++) {
        UCHAR *bytes = malloc(room + 8);
        ULONG written, part = room < 48 ? room : 48;
        memset(bytes, MARK, room + 8);
        FILL(written);
        NTSTATUS status = ClfsGetIoStatistics(log_.file, bytes, room, ClfsIoStatsDefault, &written);
        CHECK_STATUS(status, room < 16 ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS);
        CHECK(room < 16 ? IS_MARKED(written) : written == part);
        CHECK(is_marked(bytes + (room < 16 ? 0 : part), room + 8 - (room < 16 ? 0 : part)));
        free(bytes);
    }
    CLFS_IO_STATISTICS found;
    CHECK_STATUS(ClfsGetIoStatistics(log_.file, &found, sizeof found, ClfsIoStatsDefault, NULL), STATUS_SUCCESS);
}

TEST(bad_parameters_leave_the_outputs) {
    CLFS_IO_STATISTICS found;
    ULONG written;
    FILL(found), FILL(written);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsGetIoStatistics(made_up(at), &found, sizeof found, ClfsIoStatsDefault, &written),
                     STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetIoStatistics(log_.file, NULL, sizeof found, ClfsIoStatsDefault, &written),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetIoStatistics(log_.file, NULL, 0, ClfsIoStatsDefault, &written), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(found) && IS_MARKED(written));
}

int main(void) {
    log_ = make_log(TEXT("log:statistics"));
    RUN(flushes_are_counted);
    RUN(a_small_buffer_gets_the_part_that_fits);
    RUN(bad_parameters_leave_the_outputs);
    drop_log(&log_);
    return check_end();
}
