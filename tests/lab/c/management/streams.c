/* Management of a log with several streams: whose tail counts, who is asked for what, and whose policies they are. */
#include "world.h"

/* A log with two streams that cannot grow; both hold its first container. */
typedef struct STREAMS {
    LOG one, other;
} STREAMS;

static STREAMS make_streams(const char *first, const char *second) {
    STREAMS streams = {make_log(first, 3), {open_log(second), NULL}};
    streams.other.area = make_area(streams.other.file);
    CHECK_STATUS(append(streams.one.area), STATUS_SUCCESS);
    CHECK_STATUS(append(streams.other.area), STATUS_SUCCESS);
    return streams;
}

static void drop_streams(STREAMS *streams) {
    drop_log(&streams->one);
    drop_log(&streams->other);
}

TEST(a_stream_without_a_client_pins_the_log_and_its_release_unpins_it) {
    STREAMS streams = make_streams("log:pinning::one", "log:pinning::other");
    CLIENT client;
    enter(&client, streams.one.file);
    fill(streams.one.area);
    release_all(&streams.one);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    REQUIRE(notes(&client) == 1);
    CHECK(noted(&client, 0).kind == COMPLETED && noted(&client, 0).is_pinned);
    CHECK_STATUS(noted(&client, 0).status, STATUS_LOG_PINNED);
    release_all(&streams.other);
    REQUIRE(await(&client, 2));
    CHECK(noted(&client, 1).kind == UNPINNED);
    leave(&client);
    drop_streams(&streams);
}

TEST(a_client_of_the_log_as_a_whole_is_never_asked_and_pins_nothing) {
    STREAMS streams = make_streams("log:whole::one", "log:whole::other");
    LOG whole = {open_log("log:whole::"), NULL};
    CLIENT keeper, one, other;
    enter(&keeper, whole.file);
    enter(&one, streams.one.file);
    enter(&other, streams.other.file);
    fill(streams.one.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(keeper.cookie), STATUS_PENDING);
    REQUIRE(await(&one, 1) && await(&other, 1));
    CHECK(noted(&one, 0).kind == ASKED && noted(&other, 0).kind == ASKED && notes(&keeper) == 0);
    release_all(&streams.one);
    release_all(&streams.other);
    REQUIRE(await(&keeper, 1));
    CHECK(noted(&keeper, 0).kind == COMPLETED && noted(&keeper, 0).status == STATUS_SUCCESS);
    leave(&keeper);
    leave(&one);
    leave(&other);
    CHECK_STATUS(ClfsCloseLogFileObject(whole.file), STATUS_SUCCESS);
    drop_streams(&streams);
}

TEST(both_clients_are_asked_in_lsns_of_their_own_streams) {
    STREAMS streams = make_streams("log:asked::one", "log:asked::other");
    CLIENT one, other;
    enter(&one, streams.one.file);
    enter(&other, streams.other.file);
    fill(streams.one.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(one.cookie), STATUS_PENDING);
    REQUIRE(await(&one, 1) && await(&other, 1));
    CLFS_LSN one_target = noted(&one, 0).target, other_target = noted(&other, 0).target;
    CHECK(noted(&one, 0).kind == ASKED && noted(&other, 0).kind == ASKED);
    CHECK_STATUS(ClfsAdvanceLogBase(streams.one.area, &one_target, 0), STATUS_SUCCESS);
    CHECK(notes(&one) == 1 && "the other stream still holds the container");
    /* The other stream has written nothing behind its first record: its target may lie behind its end. */
    CLFS_LSN end = last_lsn(streams.other.file);
    CLFS_LSN base = ClfsLsnLess(&other_target, &end) ? other_target : end;
    CHECK_STATUS(ClfsAdvanceLogBase(streams.other.area, &base, 0), STATUS_SUCCESS);
    REQUIRE(await(&one, 2));
    CHECK(noted(&one, 1).kind == COMPLETED && noted(&one, 1).status == STATUS_SUCCESS);
    leave(&one);
    leave(&other);
    CHECK(notes(&other) == 1 && "who did not ask for space hears of no completion");
    drop_streams(&streams);
}

TEST(streams_share_the_policies_of_their_log) {
    STREAMS streams = make_streams("log:shared::one", "log:shared::other");
    CLFS_MGMT_POLICY policy;
    ULONG length = sizeof policy;
    CHECK_STATUS(ClfsMgmtQueryPolicy(streams.other.file, ClfsMgmtPolicyMaximumSize, &policy, &length), STATUS_SUCCESS);
    CHECK(policy.PolicyParameters.MaximumSize.Containers == 3);
    drop_streams(&streams);
}

TEST(a_client_of_one_stream_may_resize_through_another_handle_of_the_log) {
    STREAMS streams = make_streams("log:resized::one", "log:resized::other");
    CLIENT client;
    ULONGLONG size = 3, result = 0;
    enter(&client, streams.one.file);
    CHECK_STATUS(ClfsMgmtSetLogFileSizeAsClient(streams.other.file, client.cookie, &size, &result, NULL, NULL),
                 STATUS_SUCCESS);
    CHECK(result == 3);
    leave(&client);
    drop_streams(&streams);
}

TEST(each_stream_that_holds_the_log_is_a_pin) {
    STREAMS streams = make_streams("log:pins::one", "log:pins::other");
    CLIENT client;
    CLFS_MGMTX_PIN pins[4];
    ULONG count = 4;
    enter(&client, streams.one.file);
    CHECK_STATUS(ClfsMgmtxQueryPins(streams.one.file, pins, &count), STATUS_SUCCESS);
    REQUIRE(count == 2);
    const CLFS_MGMTX_PIN *managed = &pins[pins[0].Cause == ClfsMgmtxPinClient ? 0 : 1];
    const CLFS_MGMTX_PIN *unmanaged = &pins[pins[0].Cause == ClfsMgmtxPinClient ? 1 : 0];
    CHECK(managed->Cause == ClfsMgmtxPinClient && managed->Client == client.cookie);
    CHECK(unmanaged->Cause == ClfsMgmtxPinStream && unmanaged->Client == NULL);
    CHECK(managed->StreamIdentifier != unmanaged->StreamIdentifier);
    leave(&client);
    drop_streams(&streams);
}

int main(void) {
    RUN(a_stream_without_a_client_pins_the_log_and_its_release_unpins_it);
    RUN(a_client_of_the_log_as_a_whole_is_never_asked_and_pins_nothing);
    RUN(both_clients_are_asked_in_lsns_of_their_own_streams);
    RUN(streams_share_the_policies_of_their_log);
    RUN(a_client_of_one_stream_may_resize_through_another_handle_of_the_log);
    RUN(each_stream_that_holds_the_log_is_a_pin);
    return check_end();
}
