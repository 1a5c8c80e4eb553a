/* ClfsGetLogFileInformation: the older form of the query for basic information. */
#include "fixture.h"

static LOG log_;

TEST(it_says_what_the_query_says) {
    CLFS_INFORMATION found, queried;
    ULONG length = sizeof found;
    put(log_.area, "record");
    CHECK_STATUS(ClfsGetLogFileInformation(log_.file, &found, &length), STATUS_SUCCESS);
    CHECK(length == sizeof found);
    CHECK_STATUS(ClfsQueryLogFileInformation(log_.file, ClfsLogBasicInformation, NULL, 0, &queried, &length),
                 STATUS_SUCCESS);
    CHECK(memcmp(&found, &queried, sizeof found) == 0);
    CHECK(found.TotalContainers == 2);
}

TEST(too_small_a_buffer_is_left_and_the_size_is_told) {
    CLFS_INFORMATION found;
    FILL(found);
    for (ULONG room = 0; room < sizeof found; room += 17) {
        ULONG length = room;
        CHECK_STATUS(ClfsGetLogFileInformation(log_.file, &found, &length), STATUS_BUFFER_TOO_SMALL);
        CHECK(length == sizeof found && IS_MARKED(found));
    }
    ULONG length = 0;
    CHECK_STATUS(ClfsGetLogFileInformation(log_.file, NULL, &length), STATUS_BUFFER_TOO_SMALL);
    CHECK(length == sizeof found);
}

TEST(bad_parameters_leave_the_outputs) {
    CLFS_INFORMATION found;
    ULONG length = sizeof found;
    FILL(found);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsGetLogFileInformation(made_up(at), &found, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetLogFileInformation(log_.file, NULL, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetLogFileInformation(log_.file, &found, NULL), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(found) && length == sizeof found);
}

int main(void) {
    log_ = make_log(TEXT("log:get"));
    RUN(it_says_what_the_query_says);
    RUN(too_small_a_buffer_is_left_and_the_size_is_told);
    RUN(bad_parameters_leave_the_outputs);
    drop_log(&log_);
    return check_end();
}
