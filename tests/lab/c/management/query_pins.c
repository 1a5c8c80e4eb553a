/* ClfsMgmtxQueryPins: every status, and who is told to hold the log. */
#include "world.h"

TEST(the_parameters_are_looked_at_in_their_order) {
    LOG log = make_log("log:order", 2);
    CLFS_MGMTX_PIN pin;
    ULONG count = 1;
    CHECK_STATUS(ClfsMgmtxQueryPins(NULL, NULL, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtxQueryPins((PLOG_FILE_OBJECT)&pin, &pin, &count), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, NULL, &count), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, &pin, NULL), STATUS_INVALID_PARAMETER_3);
    CHECK(count == 1);
    drop_log(&log);
}

TEST(an_empty_log_is_held_by_nobody) {
    LOG log = make_log("log:empty", 2);
    ULONG count = 0;
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, NULL, &count), STATUS_SUCCESS);
    CHECK(count == 0);
    drop_log(&log);
}

TEST(a_stream_without_a_client_is_named) {
    LOG log = make_log("log:stream", 2);
    CLFS_MGMTX_PIN pins[4];
    ULONG count = 4;
    fill(log.area);
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, pins, &count), STATUS_SUCCESS);
    REQUIRE(count == 1);
    CHECK(pins[0].Cause == ClfsMgmtxPinStream && pins[0].Client == NULL);
    CHECK(pins[0].TimesAsked == 0 && pins[0].AskedSince == 0 && pins[0].LastRefusal == STATUS_SUCCESS);
    CHECK(ClfsLsnInvalid(&pins[0].TargetLsn));
    CHECK(pins[0].Reserved == 0 && pins[0].Reserved2 == 0);
    drop_log(&log);
}

TEST(a_client_that_refused_is_named_with_what_it_said) {
    LOG log = make_log("log:refused", 2);
    CLIENT client;
    CLFS_MGMTX_PIN pin;
    ULONG count = 1;
    enter(&client, log.file);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 1));
    CHECK_STATUS(ClfsMgmtTailAdvanceFailure(client.cookie, STATUS_ACCESS_DENIED), STATUS_SUCCESS);
    CHECK(await(&client, 2));
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, &pin, &count), STATUS_SUCCESS);
    REQUIRE(count == 1);
    CHECK(pin.Cause == ClfsMgmtxPinClient && pin.Client == client.cookie && pin.StreamIdentifier == 0);
    CLFS_LSN target = noted(&client, 0).target;
    CHECK(ClfsLsnEqual(&pin.TargetLsn, &target) && ClfsLsnLess(&pin.TailLsn, &target));
    CHECK(pin.TimesAsked == 1 && pin.AskedSince > 0);
    CHECK_STATUS(pin.LastRefusal, STATUS_ACCESS_DENIED);
    leave(&client);
    drop_log(&log);
}

TEST(more_pins_than_room_are_counted_and_not_written) {
    LOG log = make_log("log:room", 2);
    CLIENT one, other;
    enter(&one, log.file);
    enter(&other, log.file);
    fill(log.area);
    ULONG count = 0;
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, NULL, &count), STATUS_BUFFER_TOO_SMALL);
    CHECK(count == 2);
    CLFS_MGMTX_PIN *pins = malloc(2 * sizeof *pins);
    memset(pins, 0xEE, 2 * sizeof *pins);
    count = 1;
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, pins, &count), STATUS_BUFFER_TOO_SMALL);
    CHECK(count == 2 && pins[0].Cause == 0xEE);
    CHECK_STATUS(ClfsMgmtxQueryPins(log.file, pins, &count), STATUS_SUCCESS);
    CHECK(count == 2 && pins[0].Cause == ClfsMgmtxPinClient && pins[1].Cause == ClfsMgmtxPinClient);
    CHECK(pins[0].Client != pins[1].Client);
    free(pins);
    leave(&one);
    leave(&other);
    drop_log(&log);
}

int main(void) {
    RUN(the_parameters_are_looked_at_in_their_order);
    RUN(an_empty_log_is_held_by_nobody);
    RUN(a_stream_without_a_client_is_named);
    RUN(a_client_that_refused_is_named_with_what_it_said);
    RUN(more_pins_than_room_are_counted_and_not_written);
    return check_end();
}
