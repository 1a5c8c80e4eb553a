/* ClfsMgmtSetLogFileSize and ClfsMgmtSetLogFileSizeAsClient: every documented status. */
#include "world.h"

enum { UNTOUCHED = 777 };

static ULONGLONG result;

/* Resizes by both routines in turn: the second, without a client, is the same as the first. */
static NTSTATUS set(PLOG_FILE_OBJECT file, ULONGLONG size) {
    static unsigned turn;
    result = UNTOUCHED;
    if (turn++ % 2 == 0)
        return ClfsMgmtSetLogFileSize(file, &size, &result, NULL, NULL);
    return ClfsMgmtSetLogFileSizeAsClient(file, NO_CLIENT, &size, &result, NULL, NULL);
}

TEST(a_log_file_that_is_none_is_the_first_parameter_invalid) {
    ULONGLONG size = 4;
    CHECK_STATUS(ClfsMgmtSetLogFileSize(NULL, NULL, NULL, NULL, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtSetLogFileSize((PLOG_FILE_OBJECT)&size, &size, NULL, NULL, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(NULL, NULL, NULL, NULL, NULL, NULL), STATUS_INVALID_PARAMETER_1);
}

TEST(no_size_is_the_second_parameter_invalid) {
    LOG log = make_log("log:size", 2);
    CHECK_STATUS(ClfsMgmtSetLogFileSize(log.file, NULL, &result, NULL, NULL), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, NO_CLIENT, NULL, &result, NULL, NULL),
                 STATUS_INVALID_PARAMETER_2);
    drop_log(&log);
}

TEST(a_size_of_one_is_the_first_parameter_invalid) {
    LOG log = make_log("log:one", 2);
    for (unsigned turn = 0; turn < 2; turn++) {
        CHECK_STATUS(set(log.file, 1), STATUS_INVALID_PARAMETER_1);
        CHECK(result == UNTOUCHED);
    }
    drop_log(&log);
}

TEST(a_size_within_the_limits_is_what_the_log_gets) {
    PLOG_FILE_OBJECT file = open_log("log:within");
    CHECK_STATUS(set(file, 3), STATUS_SUCCESS);
    CHECK(result == 3 && container_count(file) == 3);
    CHECK_STATUS(set(file, 6), STATUS_SUCCESS);
    CHECK(result == 6 && container_count(file) == 6);
    CHECK_STATUS(set(file, 2), STATUS_SUCCESS);
    CHECK(result == 2 && container_count(file) == 2);
    close_log(file);
}

TEST(the_result_is_optional_and_the_completion_routine_not_used) {
    PLOG_FILE_OBJECT file = open_log("log:optional");
    ULONGLONG size = 3;
    PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK nowhere = (PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK)(uintptr_t)8;
    CHECK_STATUS(ClfsMgmtSetLogFileSize(file, &size, NULL, NULL, NULL), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtSetLogFileSize(file, &size, NULL, nowhere, &size), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(file, NO_CLIENT, &size, NULL, nowhere, &size), STATUS_SUCCESS);
    CHECK(container_count(file) == 3);
    close_log(file);
}

TEST(size_zero_grows_to_the_minimum_and_never_shrinks) {
    PLOG_FILE_OBJECT file = open_log("log:zero");
    CHECK_STATUS(set(file, CLFS_LOG_SIZE_MINIMUM), STATUS_SUCCESS);
    CHECK(result == 2);
    CHECK_STATUS(install(file, ClfsMgmtPolicyMinimumSize, 4, 0), STATUS_SUCCESS);
    CHECK_STATUS(set(file, CLFS_LOG_SIZE_MINIMUM), STATUS_SUCCESS);
    CHECK(result == 4);
    CHECK_STATUS(install(file, ClfsMgmtPolicyMinimumSize, 2, 0), STATUS_SUCCESS);
    CHECK_STATUS(set(file, CLFS_LOG_SIZE_MINIMUM), STATUS_SUCCESS);
    CHECK(result == 4 && container_count(file) == 4);
    close_log(file);
}

TEST(the_largest_size_needs_a_maximum) {
    PLOG_FILE_OBJECT file = open_log("log:largest");
    const ULONGLONG sizes[] = {1024, 1025, CLFS_LOG_SIZE_MAXIMUM};
    for (unsigned at = 0; at < 3; at++) {
        CHECK_STATUS(set(file, sizes[at]), STATUS_LOG_POLICY_CONFLICT);
        CHECK(result == UNTOUCHED);
    }
    CHECK_STATUS(install(file, ClfsMgmtPolicyMaximumSize, 5, 0), STATUS_SUCCESS);
    for (unsigned at = 0; at < 3; at++) {
        CHECK_STATUS(set(file, sizes[at]), STATUS_SUCCESS);
        CHECK(result == 5);
    }
    close_log(file);
}

TEST(a_size_above_the_maximum_is_clamped_with_success) {
    PLOG_FILE_OBJECT file = open_log("log:clamped");
    CHECK_STATUS(install(file, ClfsMgmtPolicyMaximumSize, 4, 0), STATUS_SUCCESS);
    CHECK_STATUS(set(file, 9), STATUS_SUCCESS);
    CHECK(result == 4 && container_count(file) == 4);
    close_log(file);
}

TEST(a_size_below_the_minimum_could_not_resize_even_where_it_would_grow) {
    PLOG_FILE_OBJECT file = open_log("log:below");
    CHECK_STATUS(install(file, ClfsMgmtPolicyMinimumSize, 5, 0), STATUS_SUCCESS);
    CHECK_STATUS(set(file, 3), STATUS_COULD_NOT_RESIZE_LOG);
    CHECK(result == UNTOUCHED && container_count(file) == 0);
    close_log(file);
}

TEST(a_minimum_above_the_maximum_is_an_invalid_policy) {
    PLOG_FILE_OBJECT file = open_log("log:contradiction");
    CHECK_STATUS(install(file, ClfsMgmtPolicyMinimumSize, 5, 0), STATUS_SUCCESS);
    CHECK_STATUS(install(file, ClfsMgmtPolicyMaximumSize, 4, 0), STATUS_SUCCESS);
    CHECK_STATUS(set(file, 4), STATUS_LOG_POLICY_INVALID);
    CHECK_STATUS(set(file, CLFS_LOG_SIZE_MAXIMUM), STATUS_LOG_POLICY_INVALID);
    CHECK(result == UNTOUCHED);
    close_log(file);
}

TEST(containers_that_are_in_use_cannot_be_deleted) {
    LOG log = make_log("log:used", 4);
    fill(log.area);
    CHECK_STATUS(set(log.file, 2), STATUS_COULD_NOT_RESIZE_LOG);
    CHECK(result == UNTOUCHED);
    drop_log(&log);
}

TEST(a_client_of_the_log_may_be_named_and_no_other) {
    LOG log = make_log("log:named", 2), other = make_log("log:another", 2);
    CLIENT client, stranger;
    ULONGLONG size = 2;
    enter(&client, log.file);
    enter(&stranger, other.file);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, client.cookie, &size, &result, NULL, NULL), STATUS_SUCCESS);
    CHECK(result == 2);
    /* As kits before 26100 have it: a pointer by its type, the cookie by its value. */
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, (PCLFS_MGMT_CLIENT)client.cookie, &size, &result, NULL, NULL),
                 STATUS_SUCCESS);
    result = UNTOUCHED;
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, stranger.cookie, &size, &result, NULL, NULL),
                 STATUS_INVALID_PARAMETER);
    /* By value: an address of a cookie is no cookie, and is not followed. */
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, &client.cookie, &size, &result, NULL, NULL),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, (CLFS_MGMT_CLIENT)(uintptr_t)8, &size, &result, NULL, NULL),
                 STATUS_INVALID_PARAMETER);
    leave(&client);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(log.file, client.cookie, &size, &result, NULL, NULL),
                 STATUS_INVALID_PARAMETER);
    CHECK(result == UNTOUCHED);
    leave(&stranger);
    drop_log(&log);
    drop_log(&other);
}

static void resize_inside(CLIENT *client, const NOTE *note) {
    if (note->kind == ASKED) {
        CHECK_STATUS(install(client->file, ClfsMgmtPolicyMaximumSize, 4, 0), STATUS_SUCCESS);
        CHECK_STATUS(resize(client->file, 4), STATUS_SUCCESS);
    }
}

TEST(inside_an_ask_nothing_hangs) {
    LOG log = make_log("log:inside", 2);
    CLIENT client;
    enter(&client, log.file);
    client.inside = resize_inside;
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(await(&client, 2));
    CHECK(noted(&client, 1).kind == COMPLETED && noted(&client, 1).status == STATUS_SUCCESS);
    leave(&client);
    drop_log(&log);
}

TEST(sizes_may_lie_at_any_address) {
    PLOG_FILE_OBJECT file = open_log("log:unaligned");
    UCHAR bytes[40];
    ULONGLONG size = 3, answer;
    memcpy(bytes + 1, &size, sizeof size);
    CHECK_STATUS(ClfsMgmtSetLogFileSize(file, (PULONGLONG)(void *)(bytes + 1), (PULONGLONG)(void *)(bytes + 19), NULL,
                                        NULL),
                 STATUS_SUCCESS);
    memcpy(&answer, bytes + 19, sizeof answer);
    CHECK(answer == 3);
    close_log(file);
}

int main(void) {
    RUN(a_log_file_that_is_none_is_the_first_parameter_invalid);
    RUN(no_size_is_the_second_parameter_invalid);
    RUN(a_size_of_one_is_the_first_parameter_invalid);
    RUN(a_size_within_the_limits_is_what_the_log_gets);
    RUN(the_result_is_optional_and_the_completion_routine_not_used);
    RUN(size_zero_grows_to_the_minimum_and_never_shrinks);
    RUN(the_largest_size_needs_a_maximum);
    RUN(a_size_above_the_maximum_is_clamped_with_success);
    RUN(a_size_below_the_minimum_could_not_resize_even_where_it_would_grow);
    RUN(a_minimum_above_the_maximum_is_an_invalid_policy);
    RUN(containers_that_are_in_use_cannot_be_deleted);
    RUN(a_client_of_the_log_may_be_named_and_no_other);
    RUN(inside_an_ask_nothing_hangs);
    RUN(sizes_may_lie_at_any_address);
    return check_end();
}
