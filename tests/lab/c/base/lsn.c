/* The LSN routines and the two LSNs that are data: each part, each border, and NULL for each pointer. */
#include "fixture.h"

static int same(CLFS_LSN one, ULONGLONG number) { return one.Internal == number; }

TEST(the_two_lsns_that_are_data_have_their_published_values) {
    CHECK(same(CLFS_LSN_NULL, 0));
    CHECK(same(CLFS_LSN_INVALID, 0xFFFFFFFF00000000));
}

TEST(an_lsn_is_composed_of_its_parts_and_taken_apart_again) {
    const ULONG containers[] = {0, 1, 0x12345678, 0xFFFFFFFE}, offsets[] = {0, 512, 0xABCDE00, 0xFFFFFE00},
                records[] = {0, 1, 511};
    for (unsigned at = 0; at < 4 * 4 * 3; at++) {
        ULONG container = containers[at / 12], offset = offsets[at / 3 % 4], record = records[at % 3];
        CLFS_LSN lsn = ClfsLsnCreate(container, offset, record);
        CHECK(same(lsn, ((ULONGLONG)container << 32) | offset | record));
        CHECK(ClfsLsnContainer(&lsn) == container);
        CHECK(ClfsLsnBlockOffset(&lsn) == offset);
        CHECK(ClfsLsnRecordSequence(&lsn) == record);
    }
}

TEST(a_part_that_is_out_of_range_makes_the_lsn_invalid) {
    const ULONG offsets[] = {1, 511, 513, 0xFFFFFFFF}, records[] = {512, 513, 0x80000000, 0xFFFFFFFF};
    for (unsigned at = 0; at < 4; at++) {
        CHECK(same(ClfsLsnCreate(1, offsets[at], 0), 0xFFFFFFFF00000000));
        CHECK(same(ClfsLsnCreate(1, 512, records[at]), 0xFFFFFFFF00000000));
    }
    CHECK(same(ClfsLsnCreate(0xFFFFFFFF, 0, 0), 0xFFFFFFFF00000000));
    CHECK(same(ClfsLsnCreate(0xFFFFFFFF, 512, 1), 0xFFFFFFFF00000000));
}

TEST(lsns_compare_by_container_then_block_then_record) {
    const CLFS_LSN rising[] = {CLFS_LSN_NULL,          {1},
                               ClfsLsnCreate(0, 512, 0), ClfsLsnCreate(0, 0xFFFFFE00, 511),
                               ClfsLsnCreate(1, 0, 0),   ClfsLsnCreate(0x80000000, 0, 0),
                               ClfsLsnCreate(0xFFFFFFFE, 0xFFFFFE00, 511), CLFS_LSN_INVALID};
    for (unsigned one = 0; one < 8; one++)
        for (unsigned two = 0; two < 8; two++) {
            CHECK(ClfsLsnEqual(&rising[one], &rising[two]) == (one == two));
            CHECK(ClfsLsnLess(&rising[one], &rising[two]) == (one < two));
            CHECK(ClfsLsnGreater(&rising[one], &rising[two]) == (one > two));
        }
    for (unsigned one = 0; one < 8; one++) {
        CHECK(ClfsLsnNull(&rising[one]) == (one == 0));
        CHECK(ClfsLsnInvalid(&rising[one]) == (one == 7));
    }
}

TEST(neighbours_cross_blocks_and_containers_and_end_at_both_ends) {
    CLFS_LSN below = ClfsLsnCreate(7, 0xFFFFFE00, 511), above = ClfsLsnCreate(8, 0, 0),
             last = ClfsLsnCreate(0xFFFFFFFE, 0xFFFFFE00, 511), null = CLFS_LSN_NULL, invalid = CLFS_LSN_INVALID;
    CHECK(same(ClfsLaterLsn(&below), above.Internal));
    CHECK(same(ClfsEarlierLsn(&above), below.Internal));
    CHECK(same(ClfsLaterLsn(&null), 1));
    CHECK(same(ClfsLaterLsn(&last), invalid.Internal));
    CHECK(same(ClfsEarlierLsn(&null), invalid.Internal));
    CHECK(same(ClfsLaterLsn(&invalid), invalid.Internal));
    CHECK(same(ClfsEarlierLsn(&invalid), invalid.Internal));
}

TEST(a_difference_counts_the_bytes_between_blocks) {
    CLFS_LSN low = ClfsLsnCreate(1, 1024, 3), high = ClfsLsnCreate(3, 512, 0), near = ClfsLsnCreate(1, 1024, 9);
    LONGLONG bytes = -1;
    CHECK_STATUS(ClfsLsnDifference(&low, &high, CONTAINER_BYTES, 0, &bytes), STATUS_SUCCESS);
    CHECK(bytes == 2 * CONTAINER_BYTES - 512);
    CHECK_STATUS(ClfsLsnDifference(&low, &near, CONTAINER_BYTES, BLOCK_BYTES, &bytes), STATUS_SUCCESS);
    CHECK(bytes == 0);
    CHECK_STATUS(ClfsLsnDifference(&low, &low, 0xFFFFFFFF, 0xFFFFFFFF, &bytes), STATUS_SUCCESS);
    CHECK(bytes == 0);
}

TEST(a_difference_that_is_none_leaves_its_output) {
    CLFS_LSN low = ClfsLsnCreate(1, 0, 0), high = ClfsLsnCreate(2, 0, 0), invalid = CLFS_LSN_INVALID,
             null = CLFS_LSN_NULL, last = ClfsLsnCreate(0xFFFFFFFE, 0, 0);
    LONGLONG bytes;
    FILL(bytes);
    CHECK_STATUS(ClfsLsnDifference(NULL, &high, 512, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&low, NULL, 512, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&low, &high, 512, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&high, &low, 512, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&low, &high, 0, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&low, &invalid, 512, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&invalid, &invalid, 512, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsLsnDifference(&null, &last, 0xFFFFFFFF, 0, &bytes), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(bytes));
}

TEST(null_pointers_are_no_lsn) {
    CLFS_LSN lsn = {512};
    CHECK(!ClfsLsnEqual(NULL, &lsn) && !ClfsLsnEqual(&lsn, NULL) && !ClfsLsnEqual(NULL, NULL));
    CHECK(!ClfsLsnLess(NULL, &lsn) && !ClfsLsnLess(&lsn, NULL) && !ClfsLsnLess(NULL, NULL));
    CHECK(!ClfsLsnGreater(NULL, &lsn) && !ClfsLsnGreater(&lsn, NULL) && !ClfsLsnGreater(NULL, NULL));
    CHECK(!ClfsLsnNull(NULL));
    CHECK(same(ClfsLaterLsn(NULL), 0xFFFFFFFF00000000));
    CHECK(same(ClfsEarlierLsn(NULL), 0xFFFFFFFF00000000));
    CHECK(ClfsLsnContainer(NULL) == 0xFFFFFFFF && ClfsLsnBlockOffset(NULL) == 0 && ClfsLsnRecordSequence(NULL) == 0);
    CHECK(ClfsLsnInvalid(NULL));
}

TEST(the_lsns_of_a_log_go_through_the_routines) {
    LOG log = make_log(TEXT("log:lsns"));
    CLFS_LSN first = put(log.area, "one"), second = put(log.area, "two");
    CHECK(ClfsLsnLess(&first, &second) && ClfsLsnGreater(&second, &first) && !ClfsLsnEqual(&first, &second));
    CLFS_LSN again = ClfsLsnCreate(ClfsLsnContainer(&second), ClfsLsnBlockOffset(&second),
                                   ClfsLsnRecordSequence(&second));
    CHECK(ClfsLsnEqual(&again, &second));
    drop_log(&log);
}

int main(void) {
    RUN(the_two_lsns_that_are_data_have_their_published_values);
    RUN(an_lsn_is_composed_of_its_parts_and_taken_apart_again);
    RUN(a_part_that_is_out_of_range_makes_the_lsn_invalid);
    RUN(lsns_compare_by_container_then_block_then_record);
    RUN(neighbours_cross_blocks_and_containers_and_end_at_both_ends);
    RUN(a_difference_counts_the_bytes_between_blocks);
    RUN(a_difference_that_is_none_leaves_its_output);
    RUN(null_pointers_are_no_lsn);
    RUN(the_lsns_of_a_log_go_through_the_routines);
    return check_end();
}
