/* ClfsMgmtRegisterManagedClient: every documented status, and when callbacks may come. */
#include "world.h"

TEST(a_client_gets_a_cookie) {
    LOG log = make_log("log:cookie", 2);
    CLIENT one, other;
    enter(&one, log.file);
    enter(&other, log.file);
    CHECK(one.cookie != other.cookie && "several clients of one stream, each with its own cookie");
    leave(&one);
    leave(&other);
    drop_log(&log);
}

TEST(a_log_file_that_is_none_is_an_invalid_parameter) {
    LOG log = make_log("log:none", 2);
    PLOG_FILE_OBJECT closed = open_log("log:closed");
    CLIENT client;
    CLFS_MGMT_CLIENT cookie = (CLFS_MGMT_CLIENT)&log;
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(&client, log.file);
    close_log(closed);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(NULL, &registration, &cookie), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(closed, &registration, &cookie), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient((PLOG_FILE_OBJECT)&client, &registration, &cookie),
                 STATUS_INVALID_PARAMETER);
    CHECK(cookie == (CLFS_MGMT_CLIENT)&log && "nothing is written on failure");
    forget(&client);
    drop_log(&log);
}

TEST(a_null_registration_or_cookie_is_an_invalid_parameter) {
    LOG log = make_log("log:null", 2);
    CLIENT client;
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(&client, log.file);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(log.file, NULL, &client.cookie), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(log.file, &registration, NULL), STATUS_INVALID_PARAMETER);
    CHECK(client.cookie == NULL);
    forget(&client);
    drop_log(&log);
}

TEST(another_version_is_an_invalid_parameter) {
    LOG log = make_log("log:version", 2);
    CLIENT client;
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(&client, log.file);
    for (ULONG version = 0; version < 4; version++) {
        if (version == CLFS_MGMT_CLIENT_REGISTRATION_VERSION)
            continue;
        registration.Version = version;
        CHECK_STATUS(ClfsMgmtRegisterManagedClient(log.file, &registration, &client.cookie), STATUS_INVALID_PARAMETER);
    }
    CHECK(client.cookie == NULL);
    forget(&client);
    drop_log(&log);
}

TEST(a_client_that_cannot_be_asked_is_an_invalid_parameter) {
    LOG log = make_log("log:unasked", 2);
    CLIENT client;
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(&client, log.file);
    registration.AdvanceTailCallback = NULL;
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(log.file, &registration, &client.cookie), STATUS_INVALID_PARAMETER);
    forget(&client);
    drop_log(&log);
}

TEST(the_other_callbacks_may_be_missing) {
    LOG log = make_log("log:missing", 2);
    CLIENT client;
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(&client, log.file);
    registration.LogGrowthCompleteCallback = NULL;
    registration.LogUnpinnedCallback = NULL;
    client.answer = STATUS_ACCESS_DENIED;
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(log.file, &registration, &client.cookie), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(await(&client, 1));
    CHECK(noted(&client, 0).kind == ASKED);
    release_all(&log);
    leave(&client);
    CHECK(client.count == 1);
    drop_log(&log);
}

TEST(the_registration_is_copied_at_any_alignment) {
    LOG log = make_log("log:unaligned", 2);
    CLIENT client;
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(&client, log.file);
    UCHAR bytes[sizeof registration + 1];
    memcpy(bytes + 1, &registration, sizeof registration);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(log.file, (PCLFS_MGMT_CLIENT_REGISTRATION)(void *)(bytes + 1),
                                               &client.cookie),
                 STATUS_SUCCESS);
    memset(bytes, 0xEE, sizeof bytes);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyLogTail, 0, 0), STATUS_SUCCESS);
    fill(log.area);
    CHECK_STATUS(ClfsMgmtHandleLogFileFull(client.cookie), STATUS_PENDING);
    CHECK(notes(&client) == 1 && noted(&client, 0).kind == COMPLETED);
    leave(&client);
    drop_log(&log);
}

TEST(a_client_holds_its_log_open_after_the_handle_was_closed) {
    LOG log = make_log("log:held", 2);
    CLIENT client;
    ULONG length = sizeof(CLFS_MGMT_POLICY);
    CLFS_MGMT_POLICY policy;
    enter(&client, log.file);
    drop_log(&log);
    PLOG_FILE_OBJECT again = open_log("log:held");
    CHECK_STATUS(ClfsMgmtQueryPolicy(again, ClfsMgmtPolicyMaximumSize, &policy, &length), STATUS_SUCCESS);
    leave(&client);
    CHECK_STATUS(ClfsMgmtQueryPolicy(again, ClfsMgmtPolicyMaximumSize, &policy, &length), STATUS_SUCCESS);
    close_log(again);
    again = open_log("log:held");
    CHECK_STATUS(ClfsMgmtQueryPolicy(again, ClfsMgmtPolicyMaximumSize, &policy, &length),
                 STATUS_LOG_POLICY_NOT_INSTALLED);
    close_log(again);
}

int main(void) {
    RUN(a_client_gets_a_cookie);
    RUN(a_log_file_that_is_none_is_an_invalid_parameter);
    RUN(a_null_registration_or_cookie_is_an_invalid_parameter);
    RUN(another_version_is_an_invalid_parameter);
    RUN(a_client_that_cannot_be_asked_is_an_invalid_parameter);
    RUN(the_other_callbacks_may_be_missing);
    RUN(the_registration_is_copied_at_any_alignment);
    RUN(a_client_holds_its_log_open_after_the_handle_was_closed);
    return check_end();
}
