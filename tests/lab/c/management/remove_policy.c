/* ClfsMgmtRemovePolicy: every documented status. */
#include "world.h"

TEST(a_log_file_that_is_none_is_the_first_parameter_invalid) {
    PLOG_FILE_OBJECT closed = open_log("log:closed");
    close_log(closed);
    CHECK_STATUS(ClfsMgmtRemovePolicy(NULL, ClfsMgmtPolicyInvalid), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtRemovePolicy(closed, ClfsMgmtPolicyAutoGrow), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtRemovePolicy((PLOG_FILE_OBJECT)&closed, ClfsMgmtPolicyAutoGrow), STATUS_INVALID_PARAMETER_1);
}

TEST(a_type_that_does_not_exist_is_an_invalid_parameter) {
    PLOG_FILE_OBJECT file = open_log("log:type");
    CHECK_STATUS(ClfsMgmtRemovePolicy(file, ClfsMgmtPolicyInvalid), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsMgmtRemovePolicy(file, (CLFS_MGMT_POLICY_TYPE)-1), STATUS_INVALID_PARAMETER);
    close_log(file);
}

TEST(what_is_not_installed_cannot_be_removed) {
    PLOG_FILE_OBJECT file = open_log("log:not");
    for (int type = 0; type < ClfsMgmtPolicyInvalid; type++)
        CHECK_STATUS(ClfsMgmtRemovePolicy(file, (CLFS_MGMT_POLICY_TYPE)type), STATUS_LOG_POLICY_NOT_INSTALLED);
    close_log(file);
}

TEST(a_policy_is_removed_once_and_its_default_counts_again) {
    LOG log = make_log("log:removed", 4);
    CHECK_STATUS(resize(log.file, CLFS_LOG_SIZE_MAXIMUM), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtRemovePolicy(log.file, ClfsMgmtPolicyMaximumSize), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtRemovePolicy(log.file, ClfsMgmtPolicyMaximumSize), STATUS_LOG_POLICY_NOT_INSTALLED);
    CHECK_STATUS(resize(log.file, CLFS_LOG_SIZE_MAXIMUM), STATUS_LOG_POLICY_CONFLICT);
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyMaximumSize, 5, 0), STATUS_SUCCESS);
    CHECK_STATUS(resize(log.file, CLFS_LOG_SIZE_MAXIMUM), STATUS_SUCCESS);
    CHECK(container_count(log.file) == 5);
    drop_log(&log);
}

int main(void) {
    RUN(a_log_file_that_is_none_is_the_first_parameter_invalid);
    RUN(a_type_that_does_not_exist_is_an_invalid_parameter);
    RUN(what_is_not_installed_cannot_be_removed);
    RUN(a_policy_is_removed_once_and_its_default_counts_again);
    return check_end();
}
