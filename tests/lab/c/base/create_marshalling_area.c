/* ClfsCreateMarshallingArea and ClfsCreateMarshallingAreaEx: sizes, limits, functions that nobody calls. */
#include "fixture.h"

static LOG log_;

static PVOID NTAPI allocate(POOL_TYPE type, SIZE_T bytes, ULONG tag) {
    (void)type, (void)tag;
    CHECK(0 && "allocation functions are not called");
    return malloc(bytes);
}

static VOID NTAPI release(PVOID buffer) {
    CHECK(0 && "allocation functions are not called");
    free(buffer);
}

static NTSTATUS make(ULONG block, ULONG writes, ULONG reads, PVOID *area) {
    return ClfsCreateMarshallingArea(log_.file, PagedPool, NULL, NULL, block, writes, reads, area);
}

static NTSTATUS make_ex(ULONG block, ULONG alignment, ULONGLONG flags, PVOID *area) {
    return ClfsCreateMarshallingAreaEx(log_.file, PagedPool, NULL, NULL, block, 1, 1, alignment, flags, area);
}

static void drop(PVOID area) { CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS); }

TEST(an_area_takes_any_pool_and_both_functions_or_none) {
    const POOL_TYPE pools[] = {NonPagedPool, PagedPool, NonPagedPoolNx, (POOL_TYPE)-1, (POOL_TYPE)0x7FFFFFFF};
    for (unsigned at = 0; at < 5; at++) {
        PVOID area = NULL;
        CHECK_STATUS(ClfsCreateMarshallingArea(log_.file, pools[at], allocate, release, BLOCK_BYTES, 1, 1, &area),
                     STATUS_SUCCESS);
        CLFS_LSN lsn = put(area, "through both functions");
        expect_at(area, lsn, "through both functions");
        drop(area);
    }
    PVOID area;
    FILL(area);
    CHECK_STATUS(ClfsCreateMarshallingArea(log_.file, PagedPool, allocate, NULL, BLOCK_BYTES, 1, 1, &area),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateMarshallingArea(log_.file, PagedPool, NULL, release, BLOCK_BYTES, 1, 1, &area),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateMarshallingAreaEx(log_.file, PagedPool, NULL, release, BLOCK_BYTES, 1, 1, 0, 0, &area),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(area));
}

/* What the largest record of an area has. Nothing is written. */
static LONGLONG largest_record(PVOID area) {
    LONGLONG bytes = 1, room;
    while (ClfsAlignReservedLog(area, 1, &bytes, &room) == STATUS_SUCCESS)
        bytes++;
    CHECK_STATUS(ClfsAlignReservedLog(area, 1, &bytes, &room), STATUS_LOG_BLOCKS_EXHAUSTED);
    return bytes - 1;
}

TEST(a_size_is_rounded_up_to_whole_sectors) {
    const ULONG sizes[] = {1, 511, 513, 1023, 1025}, rounded[] = {512, 512, 1024, 1024, 1536};
    for (unsigned at = 0; at < 5; at++) {
        PVOID area = NULL, whole = NULL;
        REQUIRE_STATUS(make_ex(sizes[at], 0, 0, &area), STATUS_SUCCESS);
        REQUIRE_STATUS(make(rounded[at], 1, 1, &whole), STATUS_SUCCESS);
        CHECK(largest_record(area) == largest_record(whole) && largest_record(whole) > rounded[at] / 2);
        drop(area);
        drop(whole);
    }
}

TEST(bad_parameters_leave_the_output) {
    PVOID area;
    FILL(area);
    for (unsigned at = 0; at < MADE_UP; at++) {
        CHECK_STATUS(ClfsCreateMarshallingArea(made_up(at), PagedPool, NULL, NULL, BLOCK_BYTES, 1, 1, &area),
                     STATUS_INVALID_PARAMETER);
        CHECK_STATUS(ClfsCreateMarshallingAreaEx(made_up(at), PagedPool, NULL, NULL, BLOCK_BYTES, 1, 1, 0, 0, &area),
                     STATUS_INVALID_PARAMETER);
    }
    CHECK_STATUS(make(BLOCK_BYTES, 1, 1, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(make_ex(BLOCK_BYTES, 0, 0, NULL), STATUS_INVALID_PARAMETER);
    const ULONG blocks[] = {0, 0xFFFFFE01, 0xFFFFFFFF};
    for (unsigned at = 0; at < 3; at++) {
        CHECK_STATUS(make(blocks[at], 1, 1, &area), STATUS_INVALID_PARAMETER);
        CHECK_STATUS(make_ex(blocks[at], 0, 0, &area), STATUS_INVALID_PARAMETER);
    }
    const ULONG alignments[] = {3, 5, 511, 0xFFFFFFFF};
    for (unsigned at = 0; at < 4; at++)
        CHECK_STATUS(make_ex(BLOCK_BYTES, alignments[at], 0, &area), STATUS_INVALID_PARAMETER);
    for (unsigned bit = 1; bit < 64; bit++)
        CHECK_STATUS(make_ex(BLOCK_BYTES, 0, 1ULL << bit, &area), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(area));
}

TEST(alignments_and_flags_that_exist_are_taken) {
    const ULONG alignments[] = {0, 1, 8, 4096, 0x80000000};
    for (unsigned at = 0; at < 5; at++) {
        PVOID area = NULL;
        CHECK_STATUS(make_ex(BLOCK_BYTES, alignments[at], CLFS_MARSHALLING_FLAG_DISABLE_BUFF_INIT, &area),
                     STATUS_SUCCESS);
        CLFS_LSN lsn = put(area, "aligned");
        expect_at(area, lsn, "aligned");
        drop(area);
    }
}

TEST(a_log_needs_two_containers) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:few"));
    PVOID area;
    FILL(area);
    for (unsigned count = 0; count < 2; count++) {
        CHECK_STATUS(ClfsCreateMarshallingArea(file, PagedPool, NULL, NULL, BLOCK_BYTES, 1, 1, &area),
                     STATUS_LOG_NOT_ENOUGH_CONTAINERS);
        CHECK(IS_MARKED(area));
        add_container(file, CONTAINER_BYTES);
    }
    CHECK_STATUS(ClfsCreateMarshallingArea(file, PagedPool, NULL, NULL, BLOCK_BYTES, 1, 1, &area), STATUS_SUCCESS);
    drop(area);
    close_log(file);
}

TEST(a_block_bounds_a_record) {
    static UCHAR bytes[70000];
    const ULONG blocks[] = {512, 1024, 4096, BLOCK_BYTES};
    for (unsigned at = 0; at < 4; at++) {
        PVOID area = NULL;
        REQUIRE_STATUS(make(blocks[at], INFINITE, INFINITE, &area), STATUS_SUCCESS);
        CHECK_STATUS(append(area, bytes, blocks[at], 0, NULL), STATUS_LOG_BLOCKS_EXHAUSTED);
        CHECK_STATUS(append(area, bytes, blocks[at] / 2, 0, NULL), STATUS_SUCCESS);
        drop(area);
    }
}

TEST(a_huge_block_is_taken_but_a_record_must_fit_the_containers) {
    PVOID area = NULL;
    CLFS_LSN lsn;
    UCHAR *bytes = calloc(1, 1 << 20);
    LONGLONG size = 1 << 20, needed;
    FILL(lsn), FILL(needed);
    REQUIRE_STATUS(make(0xFFFFFE00, INFINITE, INFINITE, &area), STATUS_SUCCESS);
    CHECK_STATUS(append(area, bytes, 1 << 20, 0, &lsn), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK_STATUS(ClfsAlignReservedLog(area, 1, &size, &needed), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK_STATUS(ClfsWriteRestartArea(area, bytes, 1 << 20, NULL, 0, NULL, &lsn), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK(IS_MARKED(lsn) && IS_MARKED(needed));
    CHECK_STATUS(append(area, bytes, 100 * 1024, CLFS_FLAG_FORCE_FLUSH, &lsn), STATUS_SUCCESS);
    RECORD record;
    CHECK_STATUS(read_first(&record, area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(record.length == 100 * 1024 && memcmp(record.bytes, bytes, record.length) == 0);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop(area);
    free(bytes);
}

TEST(no_write_buffers_mean_no_writing) {
    PVOID area = NULL;
    CLFS_LSN lsn;
    FILL(lsn);
    REQUIRE_STATUS(make(BLOCK_BYTES, 0, 1, &area), STATUS_SUCCESS);
    CHECK_STATUS(append(area, "x", 1, 0, &lsn), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK_STATUS(ClfsWriteRestartArea(area, "x", 1, NULL, 0, NULL, &lsn), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK(IS_MARKED(lsn));
    CHECK_STATUS(ClfsFlushBuffers(area), STATUS_SUCCESS);
    lsn = put(log_.area, "readable");
    expect_at(area, lsn, "readable");
    drop(area);
}

TEST(read_buffers_bound_the_open_read_contexts) {
    PVOID area = NULL;
    RECORD one, two, three;
    REQUIRE_STATUS(make(BLOCK_BYTES, 1, 2, &area), STATUS_SUCCESS);
    CLFS_LSN lsn = put(area, "read often");
    CHECK_STATUS(read_first(&one, area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(read_first(&two, area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(read_first(&three, area, lsn, ClfsContextForward), STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK(three.context == NULL && three.bytes == NULL);
    CHECK_STATUS(ClfsReadRestartArea(area, &three.bytes, &three.length, &three.lsn, &three.context),
                 STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK_STATUS(ClfsTerminateReadLog(one.context), STATUS_SUCCESS);
    for (unsigned count = 0; count < 5; count++)
        CHECK_STATUS(read_first(&three, area, ClfsLaterLsn(&lsn), ClfsContextForward), STATUS_END_OF_FILE);
    CHECK_STATUS(read_first(&three, area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(ClfsTerminateReadLog(two.context), STATUS_SUCCESS);
    CHECK_STATUS(ClfsTerminateReadLog(three.context), STATUS_SUCCESS);
    drop(area);
    REQUIRE_STATUS(make(BLOCK_BYTES, 1, 0, &area), STATUS_SUCCESS);
    CHECK_STATUS(read_first(&one, area, lsn, ClfsContextForward), STATUS_LOG_BLOCKS_EXHAUSTED);
    drop(area);
}

TEST(many_areas_share_one_stream) {
    enum { AREAS = 100 };
    static PVOID areas[AREAS];
    CLFS_LSN last = CLFS_LSN_NULL;
    for (unsigned at = 0; at < AREAS; at++) {
        areas[at] = make_area(log_.file);
        CLFS_LSN lsn = put(areas[at], "one of many");
        CHECK(ClfsLsnGreater(&lsn, &last));
        last = lsn;
    }
    expect_at(areas[0], last, "one of many");
    for (unsigned at = 0; at < AREAS; at++)
        drop(areas[at]);
}

int main(void) {
    log_ = make_log(TEXT("log:areas"));
    RUN(an_area_takes_any_pool_and_both_functions_or_none);
    RUN(a_size_is_rounded_up_to_whole_sectors);
    RUN(bad_parameters_leave_the_output);
    RUN(alignments_and_flags_that_exist_are_taken);
    RUN(a_log_needs_two_containers);
    RUN(a_block_bounds_a_record);
    RUN(a_huge_block_is_taken_but_a_record_must_fit_the_containers);
    RUN(no_write_buffers_mean_no_writing);
    RUN(read_buffers_bound_the_open_read_contexts);
    RUN(many_areas_share_one_stream);
    drop_log(&log_);
    return check_end();
}
