/* ClfsMgmtHandleLogFileFull: every documented status, and what is called when. */
#include "world.h"

TEST(a_null_cookie_and_one_of_nobody_are_the_first_parameter_invalid) {
    LOG log = make_log("log:nobody", 2);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull((CLFS_MGMT_CLIENT)&client), STATUS_INVALID_PARAMETER_1);
    leave(&client);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_INVALID_PARAMETER_1);
    drop_log(&log);
}

TEST(space_that_is_there_is_a_success_without_a_callback) {
    LOG log = make_log("log:space", 4);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_SUCCESS);
    leave(&client);
    CHECK(notes(&client) == 0);
    drop_log(&log);
}

TEST(a_log_that_may_grow_does_so_in_the_call_and_asks_nobody) {
    LOG log = make_log("log:grow", 2);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyMaximumSize, 9, 0), STATUS_SUCCESS);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyGrowthRate, 3, 0), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_SUCCESS);
    CHECK(container_count(log.file) >= 3);
    CHECK_STATUS(append(log.area), STATUS_SUCCESS);
    // The first container is enough for the call; a worker adds what the rate wants besides.
    for (int look = 0; look < 5000 && container_count(log.file) < 5; ++look) {
        thrd_sleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    CHECK(container_count(log.file) == 5);
    leave(&client);
    CHECK(notes(&client) == 0);
    drop_log(&log);
}

static int advance(void *data) {
    release_all(data);
    return 0;
}

TEST(a_tail_that_moves_on_another_thread_completes_what_was_pending) {
    LOG log = make_log("log:moves", 3);
    CLIENT client;
    thrd_t thread;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(await(&client, 1));
    NOTE asked = noted(&client, 0);
    CHECK(asked.kind == ASKED);
    CHECK(ClfsLsnBlockOffset(&asked.target) == 0 && ClfsLsnRecordSequence(&asked.target) == 0);
    CHECK(!thrd_equal(asked.thread, thrd_current()) && "asks come on a worker");
    REQUIRE(thrd_create(&thread, advance, &log) == thrd_success);
    REQUIRE(await(&client, 2));
    thrd_join(thread, NULL);
    NOTE completed = noted(&client, 1);
    CHECK(completed.kind == COMPLETED && completed.status == STATUS_SUCCESS && !completed.is_pinned);
    CHECK_STATUS(append(log.area), STATUS_SUCCESS);
    leave(&client);
    CHECK(notes(&client) == 2);
    drop_log(&log);
}

TEST(a_base_at_the_very_target_is_enough) {
    LOG log = make_log("log:target", 4);
    CLIENT client;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(await(&client, 1));
    CLFS_LSN target = noted(&client, 0).target;
    CHECK_STATUS(ClfsAdvanceLogBase(log.area, &target, 0), STATUS_SUCCESS);
    REQUIRE(await(&client, 2));
    CHECK(noted(&client, 1).kind == COMPLETED && noted(&client, 1).status == STATUS_SUCCESS);
    leave(&client);
    drop_log(&log);
}

TEST(a_second_request_while_one_is_open_is_in_progress) {
    LOG log = make_log("log:progress", 2);
    CLIENT client;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_LOG_FULL_HANDLER_IN_PROGRESS);
    CHECK(await(&client, 1));
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_LOG_FULL_HANDLER_IN_PROGRESS);
    release_all(&log);
    CHECK(await(&client, 2));
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_SUCCESS);
    leave(&client);
    CHECK(notes(&client) == 2 && "one completion for one pending answer");
    drop_log(&log);
}

TEST(a_pinned_log_is_told_before_the_call_returns_and_unpinned_once) {
    LOG log = make_log("log:pinned", 2);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyLogTail, 0, 0), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(notes(&client) == 1);
    NOTE completed = noted(&client, 0);
    CHECK(completed.kind == COMPLETED && completed.is_pinned == TRUE);
    CHECK_STATUS(completed.status, STATUS_LOG_PINNED);
    CHECK(thrd_equal(completed.thread, thrd_current()));
    release_all(&log);
    REQUIRE(await(&client, 2));
    CHECK(noted(&client, 1).kind == UNPINNED);
    leave(&client);
    CHECK(notes(&client) == 2);
    drop_log(&log);
}

static void ask_again(CLIENT *client, const NOTE *note) {
    if (note->kind == COMPLETED && notes(client) == 1)
        CHECK_STATUS(ClfsMgmtHandleLogFileFull(client->cookie), STATUS_PENDING);
}

TEST(a_new_request_may_be_made_inside_the_completion) {
    LOG log = make_log("log:again", 2);
    CLIENT client;
    enter(&client, log.file);
    client.inside = ask_again;
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyLogTail, 0, 0), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    // The first was told in the call, the one that was asked for inside it by a worker.
    CHECK(await(&client, 2));
    release_all(&log);
    CHECK(await(&client, 3));
    CHECK(noted(&client, 2).kind == UNPINNED);
    leave(&client);
    CHECK(notes(&client) == 3);
    drop_log(&log);
}

TEST(two_clients_each_get_their_own_completion) {
    LOG log = make_log("log:two", 2);
    CLIENT one, other;
    enter(&one, log.file);
    enter(&other, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(one.cookie), STATUS_PENDING);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(other.cookie), STATUS_PENDING);
    CHECK(await(&one, 1) && await(&other, 1));
    CHECK(noted(&one, 0).kind == ASKED && noted(&other, 0).kind == ASKED);
    release_all(&log);
    CHECK(await(&one, 2) && await(&other, 2));
    CHECK(noted(&one, 1).kind == COMPLETED && noted(&other, 1).kind == COMPLETED);
    leave(&one);
    leave(&other);
    drop_log(&log);
}

TEST(an_error_from_the_ask_ends_the_request_with_it) {
    LOG log = make_log("log:error", 2);
    CLIENT client;
    enter(&client, log.file);
    client.answer = STATUS_ACCESS_DENIED;
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(await(&client, 2));
    CHECK_STATUS(noted(&client, 1).status, STATUS_ACCESS_DENIED);
    CHECK(noted(&client, 1).is_pinned);
    leave(&client);
    drop_log(&log);
}

static void advance_inside(CLIENT *client, const NOTE *note) {
    if (note->kind == ASKED)
        release_all(client->inside_data);
}

TEST(a_base_that_moves_inside_the_ask_completes_the_request) {
    LOG log = make_log("log:within", 2);
    CLIENT client;
    enter(&client, log.file);
    client.inside = advance_inside;
    client.inside_data = &log;
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(await(&client, 2));
    CHECK(noted(&client, 1).kind == COMPLETED && noted(&client, 1).status == STATUS_SUCCESS);
    leave(&client);
    drop_log(&log);
}

int main(void) {
    RUN(a_null_cookie_and_one_of_nobody_are_the_first_parameter_invalid);
    RUN(space_that_is_there_is_a_success_without_a_callback);
    RUN(a_log_that_may_grow_does_so_in_the_call_and_asks_nobody);
    RUN(a_tail_that_moves_on_another_thread_completes_what_was_pending);
    RUN(a_base_at_the_very_target_is_enough);
    RUN(a_second_request_while_one_is_open_is_in_progress);
    RUN(a_pinned_log_is_told_before_the_call_returns_and_unpinned_once);
    RUN(a_new_request_may_be_made_inside_the_completion);
    RUN(two_clients_each_get_their_own_completion);
    RUN(an_error_from_the_ask_ends_the_request_with_it);
    RUN(a_base_that_moves_inside_the_ask_completes_the_request);
    return check_end();
}
