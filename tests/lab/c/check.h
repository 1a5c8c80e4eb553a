/*
 * The few words in which the C tests are written.
 *
 * A test is a function named as a sentence. It passes when each of its checks holds:
 *
 *     TEST(a_null_log_is_the_first_parameter) {
 *         CHECK_STATUS(ClfsMgmtRemovePolicy(NULL, ClfsMgmtPolicyAutoGrow), STATUS_INVALID_PARAMETER_1);
 *     }
 *     int main(void) {
 *         RUN(a_null_log_is_the_first_parameter);
 *         return check_end();
 *     }
 *
 * A check that fails tells its line, and the test goes on; REQUIRE leaves the test. Checks may be made on any thread.
 * run.py gives each program a temporary folder as its working directory, and wants the closing line that check_end
 * prints.
 */
#ifndef CLFSMGMT_TESTS_CHECK_H
#define CLFSMGMT_TESTS_CHECK_H

#include <stdatomic.h>
#include <stdio.h>

static atomic_uint check_faults;
static const char *check_skipped;
static unsigned check_tests_passed, check_tests_failed, check_tests_skipped;

/* A test: TEST(name) { ... }. */
#define TEST(name) static void name(void)

/* Runs a test and counts it. */
#define RUN(name) check_run(#name, name)

/* The condition holds. */
#define CHECK(condition) check_that((condition) != 0, __FILE__, __LINE__, #condition)

/* The call answers this status; tells both when it does not. */
#define CHECK_STATUS(call, expected) \
    check_status_is((unsigned)(call), (unsigned)(expected), __FILE__, __LINE__, #call, #expected)

/* The condition holds; otherwise the test ends here. For functions without a result. */
#define REQUIRE(condition)      \
    do {                        \
        if (!CHECK(condition))  \
            return;             \
    } while (0)

/* The call answers this status; otherwise the test ends here. */
#define REQUIRE_STATUS(call, expected)      \
    do {                                    \
        if (!CHECK_STATUS(call, expected))  \
            return;                         \
    } while (0)

/* The test cannot run here: it is counted as skipped, with the reason. */
#define SKIP(why)              \
    do {                       \
        check_skipped = (why); \
        return;                \
    } while (0)

static inline int check_that(int holds, const char *file, int line, const char *what) {
    if (!holds) {
        atomic_fetch_add(&check_faults, 1);
        printf("     %s:%d: %s\n", file, line, what);
        fflush(stdout);
    }
    return holds;
}

static inline int check_status_is(unsigned status, unsigned expected, const char *file, int line, const char *call,
                                  const char *name) {
    if (status != expected) {
        atomic_fetch_add(&check_faults, 1);
        printf("     %s:%d: %s answered 0x%08X, not %s (0x%08X)\n", file, line, call, status, name, expected);
        fflush(stdout);
    }
    return status == expected;
}

static inline void check_run(const char *name, void (*test)(void)) {
    unsigned before = atomic_load(&check_faults);
    check_skipped = NULL;
    test();
    if (atomic_load(&check_faults) != before) {
        check_tests_failed++;
        printf("FAIL %s\n", name);
    } else if (check_skipped != NULL) {
        check_tests_skipped++;
        printf("skip %s: %s\n", name, check_skipped);
    } else {
        check_tests_passed++;
        printf("ok   %s\n", name);
    }
    fflush(stdout);
}

/* Prints the closing line; what main returns. */
static inline int check_end(void) {
    printf("%u passed, %u failed, %u skipped\n", check_tests_passed, check_tests_failed, check_tests_skipped);
    return check_tests_failed != 0;
}

#endif
