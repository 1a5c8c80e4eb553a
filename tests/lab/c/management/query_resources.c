/* ClfsMgmtxQueryResources: every status, and what is counted in user mode. */
#include <stdbool.h>

#include "world.h"

static CLFS_MGMTX_RESOURCES resources_now(void) {
    CLFS_MGMTX_RESOURCES resources;
    memset(&resources, 0xEE, sizeof resources);
    resources.Version = CLFS_MGMTX_RESOURCES_VERSION;
    CHECK_STATUS(ClfsMgmtxQueryResources(&resources), STATUS_SUCCESS);
    CHECK(resources.Version == CLFS_MGMTX_RESOURCES_VERSION && resources.Reserved == 0);
    CHECK(resources.PoolBlocks == 0 && resources.HeapBlocks == 0 && resources.Handles == 0);
    CHECK(resources.References == 0 && resources.WorkItems == 0 && resources.Threads == 0);
    return resources;
}

static bool are_counted(ULONGLONG logs, ULONGLONG clients) {
    CLFS_MGMTX_RESOURCES resources = resources_now();
    return resources.Logs == logs && resources.Clients == clients;
}

TEST(before_anything_was_opened_nothing_is_owned) {
    CHECK(are_counted(0, 0));
}

TEST(no_structure_is_an_invalid_first_parameter) {
    CHECK_STATUS(ClfsMgmtxQueryResources(NULL), STATUS_INVALID_PARAMETER_1);
}

TEST(another_version_is_an_invalid_parameter) {
    CLFS_MGMTX_RESOURCES resources = {.Clients = 777};
    for (ULONG version = 0; version < 4; version++) {
        resources.Version = version;
        if (version != CLFS_MGMTX_RESOURCES_VERSION)
            CHECK_STATUS(ClfsMgmtxQueryResources(&resources), STATUS_INVALID_PARAMETER);
    }
    CHECK(resources.Clients == 777);
}

TEST(logs_and_clients_are_counted_while_they_are_there) {
    LOG first = make_log("log:first", 2);
    LOG second = make_log("log:second", 2);
    CLIENT one, other, third;
    CHECK(are_counted(2, 0));
    enter(&one, first.file);
    enter(&other, first.file);
    enter(&third, second.file);
    CHECK(are_counted(2, 3));
    leave(&other);
    CHECK(are_counted(2, 2));
    leave(&third);
    drop_log(&second);
    CHECK(are_counted(1, 1));
    leave(&one);
    drop_log(&first);
    CHECK(are_counted(0, 0));
}

TEST(a_log_is_counted_once_however_often_it_is_open) {
    LOG log = make_log("log:again", 2);
    PLOG_FILE_OBJECT again = open_log("log:again");
    CHECK(are_counted(1, 0));
    close_log(again);
    CHECK(are_counted(1, 0));
    drop_log(&log);
    CHECK(are_counted(0, 0));
}

TEST(a_client_keeps_the_log_that_its_caller_has_closed) {
    LOG log = make_log("log:kept", 2);
    CLIENT client;
    enter(&client, log.file);
    drop_log(&log);
    CHECK(are_counted(1, 1));
    leave(&client);
    CHECK(are_counted(0, 0));
}

int main(void) {
    RUN(before_anything_was_opened_nothing_is_owned);
    RUN(no_structure_is_an_invalid_first_parameter);
    RUN(another_version_is_an_invalid_parameter);
    RUN(logs_and_clients_are_counted_while_they_are_there);
    RUN(a_log_is_counted_once_however_often_it_is_open);
    RUN(a_client_keeps_the_log_that_its_caller_has_closed);
    return check_end();
}
