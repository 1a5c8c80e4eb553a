/* ClfsReserveAndAppendLog and ClfsReserveAndAppendLogAligned: records of pieces, reservations, all or nothing. */
#include "fixture.h"

#include <signal.h>
#include <sys/resource.h>

static LOG log_;

static NTSTATUS write(CLFS_WRITE_ENTRY *entries, ULONG count, ULONG reserve, LONGLONG *sizes, ULONG flags,
                      CLFS_LSN *lsn) {
    return ClfsReserveAndAppendLog(log_.area, entries, count, NULL, NULL, reserve, sizes, flags, lsn);
}

static LONGLONG reserved(void) { return information(log_.file).TotalReservation; }

TEST(pieces_follow_each_other_without_gaps) {
    UCHAR spread[] = "-abc-de-f";
    CLFS_WRITE_ENTRY entries[] = {{spread + 1, 3}, {NULL, 0}, {spread + 5, 2}, {spread + 8, 1}, {spread, 0}};
    CLFS_LSN lsn;
    CHECK_STATUS(write(entries, 5, 0, NULL, 0, &lsn), STATUS_SUCCESS);
    expect_at(log_.area, lsn, "abcdef");
    CHECK_STATUS(write(entries, 1, 0, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_STATUS(write(&entries[1], 1, 0, NULL, 0, &lsn), STATUS_SUCCESS);
    expect_at(log_.area, lsn, "");
}

TEST(many_pieces_make_one_record) {
    enum { PIECES = 1000 };
    CLFS_WRITE_ENTRY *entries = malloc(PIECES * sizeof *entries);
    UCHAR bytes[PIECES];
    RECORD record;
    CLFS_LSN lsn;
    for (unsigned at = 0; at < PIECES; at++) {
        bytes[at] = (UCHAR)(at * 7);
        entries[at] = (CLFS_WRITE_ENTRY){&bytes[at], 1};
    }
    REQUIRE_STATUS(write(entries, PIECES, 0, NULL, 0, &lsn), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&record, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(record.length == PIECES && memcmp(record.bytes, bytes, PIECES) == 0);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    free(entries);
}

TEST(pieces_lie_at_multiples_of_their_alignment) {
    CLFS_WRITE_ENTRY entries[] = {{"ab", 2}, {"c", 1}, {"def", 3}};
    const ULONG alignments[] = {1, 4, 8, 1000};
    for (unsigned at = 0; at < 4; at++) {
        RECORD record;
        CLFS_LSN lsn;
        ULONG step = alignments[at], third = step == 1 ? 3 : 2 * step, second = step == 1 ? 2 : step;
        REQUIRE_STATUS(ClfsReserveAndAppendLogAligned(log_.area, entries, 3, step, NULL, NULL, 0, NULL, 0, &lsn),
                       STATUS_SUCCESS);
        REQUIRE_STATUS(read_first(&record, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
        const UCHAR *bytes = record.bytes;
        REQUIRE(record.length == third + 3);
        CHECK(memcmp(bytes, "ab", 2) == 0 && bytes[second] == 'c' && memcmp(bytes + third, "def", 3) == 0);
        for (ULONG gap = 2; gap < second; gap++)
            CHECK(bytes[gap] == 0);
        CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    }
    CLFS_LSN out;
    FILL(out);
    CHECK_STATUS(ClfsReserveAndAppendLogAligned(log_.area, entries, 3, 0, NULL, NULL, 0, NULL, 0, &out),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReserveAndAppendLogAligned(log_.area, entries, 3, 0xFFFFFFFF, NULL, NULL, 0, NULL, 0, &out),
                 STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK(IS_MARKED(out));
}

TEST(links_are_kept_with_the_record) {
    CLFS_LSN first = put(log_.area, "first"), second = put(log_.area, "second"), lsn, none;
    CLFS_WRITE_ENTRY entry = {"linked", 6};
    RECORD record;
    CHECK_STATUS(ClfsReserveAndAppendLog(log_.area, &entry, 1, &first, &second, 0, NULL, 0, &lsn), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&record, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(ClfsLsnEqual(&record.undo_next, &first) && ClfsLsnEqual(&record.previous, &second));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    none = put(log_.area, "unlinked");
    REQUIRE_STATUS(read_first(&record, log_.area, none, ClfsContextForward), STATUS_SUCCESS);
    CHECK(ClfsLsnInvalid(&record.undo_next) && ClfsLsnInvalid(&record.previous));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
}

TEST(flags_say_how_far_a_record_gets) {
    CLFS_LSN lsn;
    CHECK_STATUS(append(log_.area, "memory", 6, 0, &lsn), STATUS_SUCCESS);
    CLFS_INFORMATION found = information(log_.file);
    CHECK(!ClfsLsnGreater(&found.LastFlushedLsn, &lsn));
    CHECK_STATUS(append(log_.area, "container", 9, CLFS_FLAG_FORCE_APPEND, &lsn), STATUS_SUCCESS);
    CHECK_STATUS(append(log_.area, "disk", 4, CLFS_FLAG_FORCE_FLUSH, &lsn), STATUS_SUCCESS);
    found = information(log_.file);
    CHECK(ClfsLsnGreater(&found.LastFlushedLsn, &lsn));
    CHECK_STATUS(append(log_.area, "both", 4, CLFS_FLAG_FORCE_FLUSH | CLFS_FLAG_FORCE_APPEND, &lsn), STATUS_SUCCESS);
    found = information(log_.file);
    CHECK(ClfsLsnGreater(&found.LastFlushedLsn, &lsn));
    FILL(lsn);
    for (unsigned bit = 3; bit < 32; bit++)
        CHECK_STATUS(append(log_.area, "x", 1, (ULONG)1 << bit, &lsn), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(lsn));
}

TEST(bad_parameters_append_nothing) {
    CLFS_WRITE_ENTRY entry = {"x", 1}, nowhere = {NULL, 1};
    CLFS_LSN lsn, end = information(log_.file).LastLsn;
    LONGLONG size = 100, zero = 0;
    FILL(lsn);
    for (unsigned at = 0; at < MADE_UP; at++) {
        CHECK_STATUS(ClfsReserveAndAppendLog(made_up(at), &entry, 1, NULL, NULL, 0, NULL, 0, &lsn),
                     STATUS_INVALID_PARAMETER);
        CHECK_STATUS(ClfsReserveAndAppendLogAligned(made_up(at), &entry, 1, 8, NULL, NULL, 0, NULL, 0, &lsn),
                     STATUS_INVALID_PARAMETER);
    }
    CHECK_STATUS(append(log_.file, "x", 1, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(NULL, 1, 0, NULL, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(&nowhere, 1, 0, NULL, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(NULL, 0xFFFFFFFF, 0, NULL, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(&entry, 1, 1, NULL, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(&entry, 1, 0xFFFFFFFF, NULL, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(&entry, 1, 1, &zero, 0, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(NULL, 0, 0, NULL, CLFS_FLAG_USE_RESERVATION, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(&entry, 1, 1, &size, CLFS_FLAG_USE_RESERVATION, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(write(&entry, 1, 0, &size, CLFS_FLAG_USE_RESERVATION, &lsn), STATUS_INVALID_PARAMETER);
    CLFS_LSN after = information(log_.file).LastLsn;
    CHECK(IS_MARKED(lsn) && ClfsLsnEqual(&end, &after) && size == 100 && reserved() == 0);
}

TEST(lengths_that_no_record_can_have_read_nothing) {
    UCHAR byte = 0;
    CLFS_WRITE_ENTRY entries[] = {{&byte, 1}, {&byte, 0xFFFFFFFF}, {&byte, 0xFFFFFFFF}};
    CLFS_LSN lsn;
    FILL(lsn);
    CHECK_STATUS(write(entries, 3, 0, NULL, 0, &lsn), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK(IS_MARKED(lsn));
}

TEST(reservations_are_made_freed_and_used) {
    LONGLONG sizes[] = {100, 5000, 511}, asked[3], all;
    CLFS_LSN lsn;
    memcpy(asked, sizes, sizeof asked);
    FILL(lsn);
    CHECK_STATUS(write(NULL, 0, 3, sizes, 0, &lsn), STATUS_SUCCESS);
    CHECK(IS_MARKED(lsn));
    for (unsigned at = 0; at < 3; at++)
        CHECK(sizes[at] >= asked[at] && sizes[at] % SECTOR_BYTES == 0);
    all = sizes[0] + sizes[1] + sizes[2];
    CHECK(reserved() == all);
    CHECK_STATUS(append(log_.area, "from the reservation", 20, CLFS_FLAG_USE_RESERVATION, &lsn), STATUS_SUCCESS);
    expect_at(log_.area, lsn, "from the reservation");
    CHECK(reserved() < all && reserved() > 0);
    LONGLONG back[] = {-5000, -511};
    CHECK_STATUS(write(NULL, 0, 2, back, 0, NULL), STATUS_SUCCESS);
    CHECK(back[0] < 0 && back[1] < 0 && reserved() == 0);
    CHECK_STATUS(append(log_.area, "x", 1, CLFS_FLAG_USE_RESERVATION, &lsn), STATUS_LOG_SPACE_RESERVED_INVALID);
    LONGLONG none = -100;
    NTSTATUS status = write(NULL, 0, 1, &none, 0, NULL);
    CHECK(status == STATUS_LOG_RECORDS_RESERVED_INVALID || status == STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK(none == -100);
}

TEST(extreme_reservations_are_refused_whole) {
    const LONGLONG wrong[] = {0x7FFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFE, (LONGLONG)1 << 32, 0xFFFFFFFF, 1 << 20};
    CLFS_WRITE_ENTRY entry = {"x", 1};
    CLFS_LSN lsn, end = information(log_.file).LastLsn;
    FILL(lsn);
    for (unsigned at = 0; at < 5; at++) {
        LONGLONG sizes[] = {100, wrong[at]};
        CHECK(NT_ERROR(write(&entry, 1, 2, sizes, 0, &lsn)));
        CHECK(sizes[0] == 100 && sizes[1] == wrong[at]);
    }
    CLFS_LSN after = information(log_.file).LastLsn;
    CHECK(IS_MARKED(lsn) && reserved() == 0 && ClfsLsnEqual(&end, &after));
}

TEST(more_to_free_than_is_held_frees_what_is_held) {
    const LONGLONG sizes_to_free[] = {-0x7FFFFFFFFFFFFFFF - 1, -0x7FFFFFFFFFFFFFFF, -((LONGLONG)1 << 32)};
    for (unsigned at = 0; at < 3; at++) {
        LONGLONG sizes[] = {100, sizes_to_free[at]};
        CHECK_STATUS(write(NULL, 0, 2, sizes, 0, NULL), STATUS_SUCCESS);
        CHECK(sizes[0] > 0 && sizes[1] == -sizes[0] && reserved() == 0);
    }
}

TEST(a_full_log_changes_nothing_and_goes_on_after_its_tail_moved) {
    LOG log = make_log(TEXT("log:full"));
    CLFS_LSN first = put(log.area, "oldest"), lsn;
    UCHAR large[24 * 1024] = {0};
    CHECK(fill(log.area) > 10);
    CLFS_INFORMATION before = information(log.file);
    LONGLONG sizes[] = {20000, 20000};
    FILL(lsn);
    CHECK_STATUS(append(log.area, large, sizeof large, 0, &lsn), STATUS_LOG_FULL);
    CHECK_STATUS(ClfsReserveAndAppendLog(log.area, NULL, 0, NULL, NULL, 2, sizes, 0, &lsn), STATUS_LOG_FULL);
    CLFS_INFORMATION after = information(log.file);
    CHECK(IS_MARKED(lsn) && sizes[0] == 20000 && memcmp(&before, &after, sizeof after) == 0);
    expect_at(log.area, first, "oldest");
    CHECK_STATUS(ClfsAdvanceLogBase(log.area, &after.LastLsn, 0), STATUS_SUCCESS);
    CHECK_STATUS(append(log.area, large, sizeof large, 0, &lsn), STATUS_SUCCESS);
    drop_log(&log);
    log = make_log(TEXT("log:full"));
    RECORD record;
    CHECK_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(record.length == sizeof large);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(a_multiplexed_log_as_a_whole_takes_no_record) {
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:multi::"));
    for (unsigned count = 0; count < 2; count++)
        add_container(whole, 1024 * 1024);
    PVOID area = make_area(whole);
    CLFS_LSN lsn;
    LONGLONG size = 100, bytes;
    RECORD record;
    FILL(lsn), FILL(bytes);
    CHECK_STATUS(append(area, "x", 1, 0, &lsn), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsAlignReservedLog(area, 1, &size, &bytes), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsAllocReservedLog(area, 1, &size), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsFreeReservedLog(area, 1, &size), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsWriteRestartArea(area, "x", 1, NULL, 0, NULL, &lsn), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsAdvanceLogBase(area, &(CLFS_LSN){0}, 0), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsFlushToLsn(area, &(CLFS_LSN){0}, &lsn), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(read_first(&record, area, CLFS_LSN_NULL, ClfsContextForward), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsReadRestartArea(area, &record.bytes, &record.length, &record.lsn, &record.context),
                 STATUS_LOG_MULTIPLEXED);
    CHECK(IS_MARKED(lsn) && IS_MARKED(bytes));
    CHECK_STATUS(ClfsFlushBuffers(area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS);
    close_log(whole);
}

TEST(a_log_that_lost_a_container_takes_no_record) {
    LOG log = {open_log(TEXT("log:lost")), NULL};
    ULONGLONG size = CONTAINER_BYTES;
    UNICODE_STRING names[] = {*TEXT("%BLF%\\lost-1"), *TEXT("%BLF%\\lost-2")};
    CHECK_STATUS(ClfsAddLogContainerSet(log.file, 2, &size, names), STATUS_SUCCESS);
    log.area = make_area(log.file);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[1], TRUE), STATUS_SUCCESS);
    CLFS_LSN lsn;
    FILL(lsn);
    CHECK_STATUS(append(log.area, "x", 1, 0, &lsn), STATUS_LOG_NOT_ENOUGH_CONTAINERS);
    CHECK(IS_MARKED(lsn));
    drop_log(&log);
}

/* From now on every write to a file fails: what is on its way to the disk stays behind. */
static void let_writes_fail(void) {
    const struct rlimit none = {0, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
}

static void let_writes_succeed(void) {
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_FSIZE, &all) == 0);
}

TEST(a_record_that_was_appended_and_not_flushed_has_its_lsn_and_its_reservations) {
    const ULONG flags[] = {CLFS_FLAG_FORCE_FLUSH, CLFS_FLAG_FORCE_APPEND};
    const PUNICODE_STRING names[] = {TEXT("log:unflushed"), TEXT("log:unwritten")};
    for (unsigned at = 0; at < 2; at++) {
        LOG log = make_log(names[at]);
        CLFS_WRITE_ENTRY entry = {"record", 6};
        LONGLONG sizes[] = {700};
        CLFS_LSN lsn, first = put(log.area, "before");
        FILL(lsn);
        let_writes_fail();
        CHECK_STATUS(ClfsReserveAndAppendLog(log.area, &entry, 1, NULL, NULL, 1, sizes, flags[at], &lsn),
                     STATUS_LOG_APPENDED_FLUSH_FAILED);
        let_writes_succeed();
        CHECK(!IS_MARKED(lsn) && ClfsLsnGreater(&lsn, &first) && sizes[0] == 1024);
        /* The log is stopped: nothing more is written, or promised. */
        FILL(lsn);
        sizes[0] = 700;
        CHECK(NT_ERROR(ClfsReserveAndAppendLog(log.area, &entry, 1, NULL, NULL, 1, sizes, 0, &lsn)));
        CHECK(IS_MARKED(lsn) && sizes[0] == 700);
        (void)ClfsDeleteMarshallingArea(log.area);
        (void)ClfsCloseLogFileObject(log.file);
    }
}

int main(void) {
    log_ = make_log(TEXT("log:append"));
    RUN(pieces_follow_each_other_without_gaps);
    RUN(many_pieces_make_one_record);
    RUN(pieces_lie_at_multiples_of_their_alignment);
    RUN(links_are_kept_with_the_record);
    RUN(flags_say_how_far_a_record_gets);
    RUN(bad_parameters_append_nothing);
    RUN(lengths_that_no_record_can_have_read_nothing);
    RUN(reservations_are_made_freed_and_used);
    RUN(extreme_reservations_are_refused_whole);
    RUN(more_to_free_than_is_held_frees_what_is_held);
    RUN(a_full_log_changes_nothing_and_goes_on_after_its_tail_moved);
    RUN(a_multiplexed_log_as_a_whole_takes_no_record);
    RUN(a_log_that_lost_a_container_takes_no_record);
    drop_log(&log_);
    RUN(a_record_that_was_appended_and_not_flushed_has_its_lsn_and_its_reservations);
    return check_end();
}
