/* ClfsMgmtQueryPolicy: every documented status, and the length that goes in and comes out. */
#include "world.h"

enum { TEXT_AT = 18, CHARACTERS = 40, LONG_BYTES = TEXT_AT + 2 * CHARACTERS };

static LOG log_;

static NTSTATUS query(CLFS_MGMT_POLICY_TYPE type, void *buffer, ULONG *length) {
    return ClfsMgmtQueryPolicy(log_.file, type, buffer, length);
}

static void install_prefix(void) {
    UCHAR bytes[LONG_BYTES];
    const ULONG fields[] = {CLFS_MGMT_POLICY_VERSION, LONG_BYTES, LOG_POLICY_OVERWRITE,
                            ClfsMgmtPolicyNewContainerPrefix};
    const USHORT text_bytes = 2 * CHARACTERS;
    memset(bytes, 'p', sizeof bytes);
    memcpy(bytes, fields, sizeof fields);
    memcpy(bytes + 16, &text_bytes, sizeof text_bytes);
    CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, (PCLFS_MGMT_POLICY)(void *)bytes, sizeof bytes), STATUS_SUCCESS);
}

TEST(a_log_file_that_is_none_is_the_first_parameter_invalid) {
    CLFS_MGMT_POLICY policy;
    ULONG length = sizeof policy;
    CHECK_STATUS(ClfsMgmtQueryPolicy(NULL, ClfsMgmtPolicyInvalid, NULL, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtQueryPolicy((PLOG_FILE_OBJECT)&policy, ClfsMgmtPolicyAutoGrow, &policy, &length),
                 STATUS_INVALID_PARAMETER_1);
    CHECK(length == sizeof policy);
}

TEST(a_type_that_does_not_exist_is_an_invalid_parameter) {
    CLFS_MGMT_POLICY policy;
    ULONG length = sizeof policy;
    CHECK_STATUS(query(ClfsMgmtPolicyInvalid, &policy, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(query((CLFS_MGMT_POLICY_TYPE)-1, &policy, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(query((CLFS_MGMT_POLICY_TYPE)99, NULL, NULL), STATUS_INVALID_PARAMETER);
}

TEST(a_null_length_or_buffer_is_refused) {
    CLFS_MGMT_POLICY policy;
    ULONG length = sizeof policy;
    CHECK_STATUS(query(ClfsMgmtPolicyMaximumSize, &policy, NULL), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(query(ClfsMgmtPolicyMaximumSize, NULL, &length), STATUS_INVALID_PARAMETER);
    CHECK(length == sizeof policy);
}

TEST(a_length_below_the_structure_is_the_second_parameter_invalid_and_the_needed_one_is_told) {
    install_prefix();
    for (ULONG room = 0; room < sizeof(CLFS_MGMT_POLICY); room++) {
        ULONG length = room;
        CHECK_STATUS(query(ClfsMgmtPolicyMaximumSize, NULL, &length), STATUS_INVALID_PARAMETER_2);
        CHECK(length == sizeof(CLFS_MGMT_POLICY));
        length = room;
        CHECK_STATUS(query(ClfsMgmtPolicyNewContainerPrefix, NULL, &length), STATUS_INVALID_PARAMETER_2);
        CHECK(length == LONG_BYTES);
    }
}

TEST(a_buffer_that_is_too_small_for_the_text_is_told_the_needed_length) {
    install_prefix();
    for (ULONG room = sizeof(CLFS_MGMT_POLICY); room < LONG_BYTES; room++) {
        ULONG length = room;
        UCHAR *bytes = malloc(room);
        memset(bytes, 0xEE, room);
        CHECK_STATUS(query(ClfsMgmtPolicyNewContainerPrefix, bytes, &length), STATUS_BUFFER_TOO_SMALL);
        CHECK(length == LONG_BYTES);
        CHECK(bytes[0] == 0xEE && bytes[room - 1] == 0xEE);
        free(bytes);
    }
}

TEST(a_text_comes_back_as_it_was_installed) {
    UCHAR *bytes = malloc(LONG_BYTES);
    ULONG length = LONG_BYTES;
    USHORT text_bytes;
    install_prefix();
    CHECK_STATUS(query(ClfsMgmtPolicyNewContainerPrefix, bytes, &length), STATUS_SUCCESS);
    CLFS_MGMT_POLICY head;
    memcpy(&head, bytes, sizeof head);
    memcpy(&text_bytes, bytes + 16, sizeof text_bytes);
    CHECK(length == LONG_BYTES && head.LengthInBytes == LONG_BYTES);
    CHECK(head.Version == CLFS_MGMT_POLICY_VERSION && head.PolicyFlags == 0);
    CHECK(head.PolicyType == ClfsMgmtPolicyNewContainerPrefix && text_bytes == 2 * CHARACTERS);
    CHECK(bytes[TEXT_AT] == 'p' && bytes[LONG_BYTES - 1] == 'p');
    free(bytes);
}

TEST(numbers_come_back_as_they_were_installed) {
    static const struct {
        CLFS_MGMT_POLICY_TYPE type;
        ULONG first, second;
    } tried[] = {
        {ClfsMgmtPolicyMaximumSize, 12, 0}, {ClfsMgmtPolicyMinimumSize, 2, 0}, {ClfsMgmtPolicyGrowthRate, 3, 0},
        {ClfsMgmtPolicyGrowthRate, 0, 25},  {ClfsMgmtPolicyLogTail, 40, 0},    {ClfsMgmtPolicyLogTail, 0, 5},
        {ClfsMgmtPolicyAutoShrink, 80, 0},  {ClfsMgmtPolicyAutoGrow, 1, 0},    {ClfsMgmtPolicyAutoGrow, 0, 0},
        {ClfsMgmtPolicyNewContainerSuffix, 7, 9},
    };
    for (unsigned at = 0; at < sizeof tried / sizeof *tried; at++) {
        CLFS_MGMT_POLICY policy;
        ULONG length = 100, numbers[2];
        CHECK_STATUS(install(log_.file, tried[at].type, tried[at].first, tried[at].second), STATUS_SUCCESS);
        CHECK_STATUS(query(tried[at].type, &policy, &length), STATUS_SUCCESS);
        memcpy(numbers, &policy.PolicyParameters, sizeof numbers);
        CHECK(length == sizeof policy && policy.LengthInBytes == sizeof policy);
        CHECK(policy.PolicyType == tried[at].type);
        CHECK(numbers[0] == tried[at].first && numbers[1] == tried[at].second);
    }
}

TEST(defaults_are_not_returned) {
    PLOG_FILE_OBJECT file = open_log("log:defaults");
    for (int type = 0; type < ClfsMgmtPolicyInvalid; type++) {
        CLFS_MGMT_POLICY policy;
        ULONG length = sizeof policy;
        CHECK_STATUS(ClfsMgmtQueryPolicy(file, (CLFS_MGMT_POLICY_TYPE)type, &policy, &length),
                     STATUS_LOG_POLICY_NOT_INSTALLED);
        CHECK(length == sizeof policy);
    }
    close_log(file);
}

TEST(the_buffer_may_lie_at_any_address) {
    UCHAR bytes[LONG_BYTES + 8];
    install_prefix();
    for (unsigned shift = 0; shift < 8; shift++) {
        ULONG length = LONG_BYTES;
        memset(bytes, 0, sizeof bytes);
        CHECK_STATUS(query(ClfsMgmtPolicyNewContainerPrefix, bytes + shift, &length), STATUS_SUCCESS);
        CHECK(bytes[shift] == CLFS_MGMT_POLICY_VERSION && bytes[shift + LONG_BYTES - 1] == 'p');
    }
}

int main(void) {
    log_ = make_log("log:queried", 2);
    RUN(a_log_file_that_is_none_is_the_first_parameter_invalid);
    RUN(a_type_that_does_not_exist_is_an_invalid_parameter);
    RUN(a_null_length_or_buffer_is_refused);
    RUN(a_length_below_the_structure_is_the_second_parameter_invalid_and_the_needed_one_is_told);
    RUN(a_buffer_that_is_too_small_for_the_text_is_told_the_needed_length);
    RUN(a_text_comes_back_as_it_was_installed);
    RUN(numbers_come_back_as_they_were_installed);
    RUN(defaults_are_not_returned);
    RUN(the_buffer_may_lie_at_any_address);
    drop_log(&log_);
    return check_end();
}
