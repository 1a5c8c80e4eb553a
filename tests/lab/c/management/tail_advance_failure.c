/* ClfsMgmtTailAdvanceFailure: every documented status, and what becomes of the reason. */
#include "world.h"

TEST(a_null_cookie_is_an_invalid_parameter) {
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(NULL, STATUS_UNSUCCESSFUL), STATUS_INVALID_PARAMETER);
}

TEST(what_is_no_cookie_is_the_first_parameter_invalid) {
    LOG log = make_log("log:nobody", 2);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(&log, STATUS_UNSUCCESSFUL), STATUS_INVALID_PARAMETER_1);
    leave(&client);
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(client.cookie, STATUS_UNSUCCESSFUL), STATUS_INVALID_PARAMETER_1);
    drop_log(&log);
}

TEST(without_an_ask_it_succeeds_and_changes_nothing) {
    LOG log = make_log("log:unasked", 2);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(client.cookie, STATUS_UNSUCCESSFUL), STATUS_SUCCESS);
    leave(&client);
    CHECK(notes(&client) == 0);
    drop_log(&log);
}

/* The completion of a client that was asked and gives this reason. */
static NOTE refuse(const char *name, NTSTATUS reason) {
    LOG log = make_log(name, 2);
    CLIENT client;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 1));
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(client.cookie, reason), STATUS_SUCCESS);
    CHECK(await(&client, 2));
    NOTE completed = noted(&client, 1);
    CHECK(completed.kind == COMPLETED);
    leave(&client);
    drop_log(&log);
    return completed;
}

TEST(the_reason_is_the_status_of_the_completion) {
    NOTE completed = refuse("log:reason", STATUS_ACCESS_DENIED);
    CHECK_STATUS(completed.status, STATUS_ACCESS_DENIED);
    CHECK(completed.is_pinned);
    completed = refuse("log:unknown", (NTSTATUS)0xE0001234);
    CHECK_STATUS(completed.status, 0xE0001234);
}

TEST(a_success_code_as_the_reason_is_told_as_pinned) {
    NOTE completed = refuse("log:success", STATUS_SUCCESS);
    CHECK_STATUS(completed.status, STATUS_LOG_PINNED);
    CHECK(completed.is_pinned);
}

TEST(a_warning_as_the_reason_is_passed_on) {
    NOTE completed = refuse("log:warning", STATUS_COULD_NOT_RESIZE_LOG);
    CHECK_STATUS(completed.status, STATUS_COULD_NOT_RESIZE_LOG);
}

TEST(everybody_who_waits_hears_the_reason) {
    LOG log = make_log("log:everybody", 2);
    CLIENT one, other;
    enter(&one, log.file);
    enter(&other, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(one.cookie), STATUS_PENDING);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(other.cookie), STATUS_PENDING);
    CHECK(await(&one, 1) && await(&other, 1));
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(one.cookie, STATUS_DISK_FULL), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(other.cookie, STATUS_DISK_FULL), STATUS_SUCCESS);
    CHECK(await(&one, 2) && await(&other, 2));
    CHECK_STATUS(noted(&one, 1).status, STATUS_DISK_FULL);
    CHECK_STATUS(noted(&other, 1).status, STATUS_DISK_FULL);
    leave(&one);
    leave(&other);
    drop_log(&log);
}

TEST(a_client_that_refused_is_asked_by_the_next_request_and_not_before) {
    LOG log = make_log("log:next", 2);
    CLIENT client;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 1));
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(client.cookie, STATUS_ACCESS_DENIED), STATUS_SUCCESS);
    CHECK(await(&client, 2));
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(await(&client, 3));
    CHECK(noted(&client, 2).kind == ASKED);
    leave(&client);
    CHECK(notes(&client) == 3);
    drop_log(&log);
}

int main(void) {
    RUN(a_null_cookie_is_an_invalid_parameter);
    RUN(what_is_no_cookie_is_the_first_parameter_invalid);
    RUN(without_an_ask_it_succeeds_and_changes_nothing);
    RUN(the_reason_is_the_status_of_the_completion);
    RUN(a_success_code_as_the_reason_is_told_as_pinned);
    RUN(a_warning_as_the_reason_is_passed_on);
    RUN(everybody_who_waits_hears_the_reason);
    RUN(a_client_that_refused_is_asked_by_the_next_request_and_not_before);
    return check_end();
}
