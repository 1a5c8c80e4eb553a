/* The words of check.h can fail: what must be counted as failed is, and the test that breaks off does. */
#include "check.h"

static int went_on;

TEST(a_check_that_holds_passes) {
    CHECK(1 + 1 == 2);
    CHECK_STATUS(0xC000000Du, 0xC000000Du);
}

static void failing(void) {
    CHECK(0 && "meant to fail");
    went_on++;
    REQUIRE_STATUS(1, 2);
    went_on++;
}

static void skipping(void) {
    SKIP("meant to be skipped");
    went_on++;
}

TEST(a_check_that_fails_is_counted_and_require_ends_the_test) {
    unsigned before = atomic_load(&check_faults);
    puts("The two faults below are meant:");
    failing();
    unsigned found = atomic_load(&check_faults) - before;
    atomic_store(&check_faults, before);
    CHECK(found == 2);
    CHECK(went_on == 1);
}

TEST(a_test_that_is_skipped_does_not_go_on) {
    went_on = 0;
    skipping();
    CHECK(went_on == 0 && check_skipped != NULL);
    check_skipped = NULL;
}

int main(void) {
    RUN(a_check_that_holds_passes);
    RUN(a_check_that_fails_is_counted_and_require_ends_the_test);
    RUN(a_test_that_is_skipped_does_not_go_on);
    return check_end();
}
