/* ClfsMgmtDeregisterManagedClient: every documented status, and the silence that follows. */
#include "world.h"

TEST(a_client_is_deregistered_once) {
    LOG log = make_log("log:once", 2);
    CLIENT client;
    enter(&client, log.file);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client.cookie), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client.cookie), STATUS_INVALID_PARAMETER_1);
    forget(&client);
    drop_log(&log);
}

TEST(a_null_cookie_is_an_invalid_parameter) {
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(NULL), STATUS_INVALID_PARAMETER);
}

TEST(what_is_no_cookie_is_the_first_parameter_invalid) {
    LOG log = make_log("log:nobody", 2);
    CLIENT client;
    enter(&client, log.file);
    uintptr_t cookie = (uintptr_t)client.cookie;
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient((CLFS_MGMT_CLIENT)&client), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(log.file), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient((CLFS_MGMT_CLIENT)UINTPTR_MAX), STATUS_INVALID_PARAMETER_1);
    for (unsigned bit = 0; bit < 64; bit++) {
        uintptr_t other = cookie ^ (uintptr_t)1 << bit;
        if (other != 0)
            CHECK_STATUS(ClfsMgmtDeregisterManagedClient((CLFS_MGMT_CLIENT)other), STATUS_INVALID_PARAMETER_1);
    }
    leave(&client);
    drop_log(&log);
}

TEST(a_stale_cookie_names_nobody_even_when_its_place_is_taken_again) {
    LOG log = make_log("log:stale", 2);
    CLIENT first, second;
    enter(&first, log.file);
    leave(&first);
    enter(&second, log.file);
    CHECK(first.cookie != second.cookie);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(first.cookie), STATUS_INVALID_PARAMETER_1);
    leave(&second);
    drop_log(&log);
    LOG later = make_log("log:later", 2);
    enter(&second, later.file);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(first.cookie), STATUS_INVALID_PARAMETER_1);
    leave(&second);
    drop_log(&later);
}

TEST(an_open_request_is_dropped_in_silence) {
    LOG log = make_log("log:silence", 2);
    CLIENT client;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 1));
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client.cookie), STATUS_SUCCESS);
    release_all(&log);
    CHECK(notes(&client) == 1 && noted(&client, 0).kind == ASKED);
    forget(&client);
    drop_log(&log);
}

static void deregister_inside(CLIENT *client, const NOTE *note) {
    (void)note;
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client->cookie), STATUS_SUCCESS);
}

TEST(a_client_may_deregister_inside_its_own_completion) {
    LOG log = make_log("log:inside", 2);
    CLIENT client;
    enter(&client, log.file);
    client.inside = deregister_inside;
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyLogTail, 0, 0), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    release_all(&log);
    CHECK(notes(&client) == 1);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_INVALID_PARAMETER_1);
    forget(&client);
    drop_log(&log);
}

TEST(a_client_may_deregister_inside_an_ask_and_another_completes) {
    LOG log = make_log("log:leaving", 2);
    CLIENT leaving, staying;
    enter(&staying, log.file);
    enter(&leaving, log.file);
    leaving.inside = deregister_inside;
    staying.answer = STATUS_PENDING;
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(staying.cookie), STATUS_PENDING);
    CHECK(await(&leaving, 1));
    CHECK(await(&staying, 1));
    release_all(&log);
    CHECK(await(&staying, 2));
    CHECK(noted(&staying, 1).kind == COMPLETED && noted(&staying, 1).status == STATUS_SUCCESS);
    leave(&staying);
    CHECK(notes(&leaving) == 1);
    forget(&leaving);
    drop_log(&log);
}

/* A client that stays inside its callback until it is let go. */
typedef struct STAY {
    mtx_t lock;
    cnd_t changed;
    int is_released;
    int has_left;
    CLFS_MGMT_CLIENT cookie;
} STAY;

static void stay_inside(CLIENT *client, const NOTE *note) {
    STAY *stay = client->inside_data;
    (void)note;
    mtx_lock(&stay->lock);
    while (!stay->is_released)
        cnd_wait(&stay->changed, &stay->lock);
    stay->has_left = 1;
    mtx_unlock(&stay->lock);
}

static int release_soon(void *data) {
    STAY *stay = data;
    /* Long enough for the deregistration to begin to wait; the order is right without it too. */
    thrd_sleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    mtx_lock(&stay->lock);
    stay->is_released = 1;
    cnd_broadcast(&stay->changed);
    mtx_unlock(&stay->lock);
    return 0;
}

TEST(it_waits_for_a_callback_that_runs_on_another_thread) {
    LOG log = make_log("log:wait", 2);
    CLIENT client;
    STAY stay = {.is_released = 0};
    thrd_t thread;
    CHECK(mtx_init(&stay.lock, mtx_plain) == thrd_success && cnd_init(&stay.changed) == thrd_success);
    enter(&client, log.file);
    client.inside = stay_inside;
    client.inside_data = &stay;
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 1));
    REQUIRE(thrd_create(&thread, release_soon, &stay) == thrd_success);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client.cookie), STATUS_SUCCESS);
    CHECK(stay.has_left);
    thrd_join(thread, NULL);
    forget(&client);
    mtx_destroy(&stay.lock);
    cnd_destroy(&stay.changed);
    drop_log(&log);
}

static LOG left_log;
static atomic_int has_left;

static void close_and_leave(CLIENT *client, const NOTE *note) {
    (void)note;
    drop_log(&left_log);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client->cookie), STATUS_SUCCESS);
    atomic_store(&has_left, 1);
}

TEST(a_client_that_leaves_inside_its_ask_may_be_the_last_that_holds_the_log) {
    CLIENT client;
    left_log = make_log("log:left", 2);
    enter(&client, left_log.file);
    client.inside = close_and_leave;
    fill(left_log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    while (!atomic_load(&has_left))
        thrd_yield();
    /* It is closed by the thread that made the callback, now or in a moment. */
    close_log(open_log("log:left"));
    CHECK(notes(&client) == 1);
    forget(&client);
}

TEST(the_last_client_of_closed_handles_closes_the_log) {
    LOG log = make_log("log:last", 2);
    CLIENT client;
    enter(&client, log.file);
    drop_log(&log);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_SUCCESS);
    leave(&client);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_INVALID_PARAMETER_1);
}

int main(void) {
    RUN(a_client_is_deregistered_once);
    RUN(a_null_cookie_is_an_invalid_parameter);
    RUN(what_is_no_cookie_is_the_first_parameter_invalid);
    RUN(a_stale_cookie_names_nobody_even_when_its_place_is_taken_again);
    RUN(an_open_request_is_dropped_in_silence);
    RUN(a_client_may_deregister_inside_its_own_completion);
    RUN(a_client_may_deregister_inside_an_ask_and_another_completes);
    RUN(it_waits_for_a_callback_that_runs_on_another_thread);
    RUN(a_client_that_leaves_inside_its_ask_may_be_the_last_that_holds_the_log);
    RUN(the_last_client_of_closed_handles_closes_the_log);
    return check_end();
}
