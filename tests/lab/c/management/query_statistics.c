/* ClfsMgmtxQueryStatistics: every status, and what is counted. */
#include "world.h"

static CLFS_MGMTX_STATISTICS statistics_of(PLOG_FILE_OBJECT file) {
    CLFS_MGMTX_STATISTICS statistics;
    memset(&statistics, 0xEE, sizeof statistics);
    statistics.Version = CLFS_MGMTX_STATISTICS_VERSION;
    CHECK_STATUS(ClfsMgmtxQueryStatistics(file, &statistics), STATUS_SUCCESS);
    return statistics;
}

TEST(the_parameters_are_looked_at_in_their_order) {
    LOG log = make_log("log:order", 2);
    CLFS_MGMTX_STATISTICS statistics = {.Version = CLFS_MGMTX_STATISTICS_VERSION};
    CHECK_STATUS(ClfsMgmtxQueryStatistics(NULL, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtxQueryStatistics((PLOG_FILE_OBJECT)&log, &statistics), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtxQueryStatistics(log.file, NULL), STATUS_INVALID_PARAMETER_2);
    drop_log(&log);
}

TEST(another_version_is_an_invalid_parameter) {
    LOG log = make_log("log:version", 2);
    CLFS_MGMTX_STATISTICS statistics = {.Requests = 777};
    for (ULONG version = 0; version < 4; version++) {
        statistics.Version = version;
        if (version != CLFS_MGMTX_STATISTICS_VERSION)
            CHECK_STATUS(ClfsMgmtxQueryStatistics(log.file, &statistics), STATUS_INVALID_PARAMETER);
    }
    CHECK(statistics.Requests == 777);
    drop_log(&log);
}

TEST(what_happens_to_a_log_is_counted) {
    LOG log = make_log("log:counted", 2);
    CLIENT client;
    CLFS_MGMTX_STATISTICS counted = statistics_of(log.file);
    CHECK(counted.Version == CLFS_MGMTX_STATISTICS_VERSION && counted.Reserved == 0);
    CHECK(counted.Requests == 0 && counted.ContainersAdded == 2 && counted.ContainersRemoved == 0);
    enter(&client, log.file);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_SUCCESS);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyLogTail, 0, 0), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    counted = statistics_of(log.file);
    CHECK(counted.Requests == 2 && counted.Succeeded == 1 && counted.Failed == 1 && counted.Pinned == 1);
    CHECK(counted.Asks == 0 && counted.Unpinned == 0);
    release_all(&log);
    CHECK(await(&client, 2));
    CHECK_STATUS(ClfsMgmtRemovePolicy(log.file, ClfsMgmtPolicyLogTail), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 3));
    release_all(&log);
    CHECK(await(&client, 4));
    counted = statistics_of(log.file);
    CHECK(counted.Requests == 3 && counted.Succeeded == 2 && counted.Failed == 1);
    CHECK(counted.Asks == 1 && counted.Unpinned == 1);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyMaximumSize, 3, 0), STATUS_SUCCESS);
    CHECK_STATUS(resize(log.file, 3), STATUS_SUCCESS);
    CHECK_STATUS(resize(log.file, 2), STATUS_SUCCESS);
    counted = statistics_of(log.file);
    CHECK(counted.ContainersAdded == 3 && counted.ContainersRemoved == 1);
    leave(&client);
    drop_log(&log);
}

int main(void) {
    RUN(the_parameters_are_looked_at_in_their_order);
    RUN(another_version_is_an_invalid_parameter);
    RUN(what_happens_to_a_log_is_counted);
    return check_end();
}
