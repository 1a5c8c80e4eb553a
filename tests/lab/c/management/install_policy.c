/* ClfsMgmtInstallPolicy: every documented status, and what a caller's structure may look like. */
#include "world.h"

enum { TEXT_AT = 18, ROOM = 1024 };

/* A policy in a buffer that may be longer, or lie anywhere. */
typedef union BUFFER {
    CLFS_MGMT_POLICY policy;
    UCHAR bytes[ROOM];
} BUFFER;

static void begin(BUFFER *buffer, CLFS_MGMT_POLICY_TYPE type) {
    memset(buffer, 0, sizeof *buffer);
    buffer->policy.Version = CLFS_MGMT_POLICY_VERSION;
    buffer->policy.LengthInBytes = sizeof buffer->policy;
    buffer->policy.PolicyType = type;
}

/* A policy with a text of so many characters; answers its length. */
static ULONG begin_text(BUFFER *buffer, CLFS_MGMT_POLICY_TYPE type, ULONG characters) {
    ULONG length = TEXT_AT + 2 * characters;
    USHORT text_bytes = (USHORT)(2 * characters);
    begin(buffer, type);
    memcpy(buffer->bytes + 16, &text_bytes, sizeof text_bytes);
    memset(buffer->bytes + TEXT_AT, 'a', 2 * characters);
    length = length < sizeof buffer->policy ? sizeof buffer->policy : length;
    buffer->policy.LengthInBytes = length;
    return length;
}

static LOG log_;

static NTSTATUS put(BUFFER *buffer) {
    return ClfsMgmtInstallPolicy(log_.file, &buffer->policy, buffer->policy.LengthInBytes);
}

static void remove_if_installed(CLFS_MGMT_POLICY_TYPE type) {
    (void)ClfsMgmtRemovePolicy(log_.file, type);
}

TEST(the_parameters_are_looked_at_in_their_order) {
    BUFFER buffer;
    begin(&buffer, ClfsMgmtPolicyInvalid);
    CHECK_STATUS(ClfsMgmtInstallPolicy(NULL, NULL, 0), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtInstallPolicy((PLOG_FILE_OBJECT)&buffer, &buffer.policy, sizeof buffer.policy),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, NULL, 0), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, &buffer.policy, 0), STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, &buffer.policy, sizeof buffer.policy - 1),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, &buffer.policy, sizeof buffer.policy), STATUS_INVALID_PARAMETER);
}

TEST(a_short_policy_is_not_read_beyond_its_length) {
    /* The end of a block of the heap: valgrind sees a read beyond it. */
    for (ULONG length = 1; length < sizeof(CLFS_MGMT_POLICY); length++) {
        UCHAR *bytes = malloc(length);
        memset(bytes, 1, length);
        CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, (PCLFS_MGMT_POLICY)(void *)bytes, length),
                     STATUS_INVALID_PARAMETER_3);
        free(bytes);
    }
}

TEST(another_version_is_an_invalid_parameter) {
    BUFFER buffer;
    begin(&buffer, ClfsMgmtPolicyAutoGrow);
    for (ULONG version = 0; version < 4; version++) {
        buffer.policy.Version = version;
        if (version != CLFS_MGMT_POLICY_VERSION)
            CHECK_STATUS(put(&buffer), STATUS_INVALID_PARAMETER);
    }
}

TEST(a_type_that_does_not_exist_is_an_invalid_parameter) {
    BUFFER buffer;
    const ULONG types[] = {10, 11, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    begin(&buffer, ClfsMgmtPolicyInvalid);
    for (unsigned at = 0; at < sizeof types / sizeof *types; at++) {
        memcpy(buffer.bytes + 12, &types[at], sizeof types[at]);
        CHECK_STATUS(put(&buffer), STATUS_INVALID_PARAMETER);
    }
}

TEST(a_flag_besides_overwrite_is_not_supported) {
    BUFFER buffer;
    begin(&buffer, ClfsMgmtPolicyAutoGrow);
    for (unsigned bit = 1; bit < 32; bit++) {
        buffer.policy.PolicyFlags = (ULONG)1 << bit;
        CHECK_STATUS(put(&buffer), STATUS_NOT_SUPPORTED);
        buffer.policy.PolicyFlags |= LOG_POLICY_OVERWRITE;
        CHECK_STATUS(put(&buffer), STATUS_NOT_SUPPORTED);
    }
}

TEST(a_second_policy_of_a_type_needs_overwrite) {
    BUFFER buffer;
    begin(&buffer, ClfsMgmtPolicyAutoShrink);
    remove_if_installed(ClfsMgmtPolicyAutoShrink);
    CHECK_STATUS(put(&buffer), STATUS_SUCCESS);
    CHECK_STATUS(put(&buffer), STATUS_LOG_POLICY_ALREADY_INSTALLED);
    buffer.policy.PolicyFlags = LOG_POLICY_OVERWRITE;
    CHECK_STATUS(put(&buffer), STATUS_SUCCESS);
    remove_if_installed(ClfsMgmtPolicyAutoShrink);
    CHECK_STATUS(put(&buffer), STATUS_SUCCESS);
    remove_if_installed(ClfsMgmtPolicyAutoShrink);
}

TEST(numbers_that_contradict_each_other_are_an_invalid_parameter) {
    PLOG_FILE_OBJECT file = log_.file;
    CHECK_STATUS(install(file, ClfsMgmtPolicyGrowthRate, 1, 1), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(install(file, ClfsMgmtPolicyGrowthRate, 0, 101), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(install(file, ClfsMgmtPolicyLogTail, 1, 1), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(install(file, ClfsMgmtPolicyLogTail, 101, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(install(file, ClfsMgmtPolicyAutoShrink, 101, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(install(file, ClfsMgmtPolicyNewContainerSize, 0, 0), STATUS_INVALID_PARAMETER);
}

TEST(a_length_in_the_policy_must_lie_between_the_structure_and_the_buffer) {
    BUFFER buffer;
    begin(&buffer, ClfsMgmtPolicyAutoGrow);
    const ULONG wrong[] = {0, 23, 41, 0xFFFFFFFF};
    for (unsigned at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        buffer.policy.LengthInBytes = wrong[at];
        CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, &buffer.policy, 40), STATUS_INVALID_PARAMETER);
    }
    buffer.policy.LengthInBytes = 24;
    CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, &buffer.policy, 40), STATUS_SUCCESS);
    remove_if_installed(ClfsMgmtPolicyAutoGrow);
}

TEST(a_text_with_half_a_character_or_cut_off_is_an_invalid_parameter) {
    BUFFER buffer;
    const CLFS_MGMT_POLICY_TYPE types[] = {ClfsMgmtPolicyNewContainerPrefix, ClfsMgmtPolicyNewContainerExtension};
    for (unsigned at = 0; at < 2; at++) {
        const USHORT odd = 7, beyond = 10, far = 0xFFFE, odd_and_far = 0xFFFF;
        const USHORT wrong[] = {odd, beyond, far, odd_and_far};
        for (unsigned which = 0; which < sizeof wrong / sizeof *wrong; which++) {
            ULONG length = begin_text(&buffer, types[at], 4);
            memcpy(buffer.bytes + 16, &wrong[which], sizeof wrong[which]);
            UCHAR *exact = malloc(length);
            memcpy(exact, buffer.bytes, length);
            CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, (PCLFS_MGMT_POLICY)(void *)exact, length),
                         STATUS_INVALID_PARAMETER);
            free(exact);
        }
    }
}

TEST(a_text_that_is_too_long_is_a_path_not_found) {
    BUFFER buffer;
    begin_text(&buffer, ClfsMgmtPolicyNewContainerPrefix, 257);
    CHECK_STATUS(put(&buffer), STATUS_OBJECT_PATH_NOT_FOUND);
    begin_text(&buffer, ClfsMgmtPolicyNewContainerExtension, 500);
    CHECK_STATUS(put(&buffer), STATUS_OBJECT_PATH_NOT_FOUND);
    begin_text(&buffer, ClfsMgmtPolicyNewContainerPrefix, 256);
    CHECK_STATUS(put(&buffer), STATUS_SUCCESS);
    remove_if_installed(ClfsMgmtPolicyNewContainerPrefix);
}

TEST(a_policy_may_lie_at_any_address) {
    BUFFER buffer;
    UCHAR bytes[ROOM + 8];
    for (unsigned shift = 0; shift < 8; shift++) {
        ULONG length = begin_text(&buffer, ClfsMgmtPolicyNewContainerExtension, 9);
        buffer.policy.PolicyFlags = LOG_POLICY_OVERWRITE;
        memcpy(bytes + shift, &buffer, length);
        CHECK_STATUS(ClfsMgmtInstallPolicy(log_.file, (PCLFS_MGMT_POLICY)(void *)(bytes + shift), length),
                     STATUS_SUCCESS);
    }
    remove_if_installed(ClfsMgmtPolicyNewContainerExtension);
}

TEST(a_policy_belongs_to_the_physical_log_and_to_no_other) {
    PLOG_FILE_OBJECT again = open_log("log:policies"), other = open_log("log:other");
    CLFS_MGMT_POLICY policy;
    ULONG length = sizeof policy;
    CHECK_STATUS(install(log_.file, ClfsMgmtPolicyAutoGrow, 1, 0), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtQueryPolicy(again, ClfsMgmtPolicyAutoGrow, &policy, &length), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtQueryPolicy(other, ClfsMgmtPolicyAutoGrow, &policy, &length),
                 STATUS_LOG_POLICY_NOT_INSTALLED);
    remove_if_installed(ClfsMgmtPolicyAutoGrow);
    close_log(again);
    close_log(other);
}

TEST(a_container_size_after_the_first_container_succeeds_without_effect) {
    CLFS_MGMT_POLICY policy;
    ULONG length = sizeof policy;
    CHECK_STATUS(install(log_.file, ClfsMgmtPolicyNewContainerSize, 1 << 20, 0), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtQueryPolicy(log_.file, ClfsMgmtPolicyNewContainerSize, &policy, &length),
                 STATUS_LOG_POLICY_NOT_INSTALLED);
}

TEST(containers_are_named_and_sized_by_the_policies) {
    PLOG_FILE_OBJECT file = open_log("log:named");
    BUFFER buffer;
    static const WCHAR prefix[] = {'%', 'B', 'L', 'F', '%', '\\', 'p', 'i', 'e', 'c', 'e'};
    begin_text(&buffer, ClfsMgmtPolicyNewContainerPrefix, sizeof prefix / sizeof *prefix);
    memcpy(buffer.bytes + TEXT_AT, prefix, sizeof prefix);
    CHECK_STATUS(ClfsMgmtInstallPolicy(file, &buffer.policy, buffer.policy.LengthInBytes), STATUS_SUCCESS);
    begin(&buffer, ClfsMgmtPolicyNewContainerSuffix);
    buffer.policy.PolicyParameters.NewContainerSuffix.NextContainerSuffix = 41;
    CHECK_STATUS(ClfsMgmtInstallPolicy(file, &buffer.policy, sizeof buffer.policy), STATUS_SUCCESS);
    begin_text(&buffer, ClfsMgmtPolicyNewContainerExtension, 3);
    memcpy(buffer.bytes + TEXT_AT, (const WCHAR[]){'b', 'i', 'n'}, 6);
    CHECK_STATUS(ClfsMgmtInstallPolicy(file, &buffer.policy, buffer.policy.LengthInBytes), STATUS_SUCCESS);
    CHECK_STATUS(install(file, ClfsMgmtPolicyNewContainerSize, 2 * CONTAINER_BYTES, 0), STATUS_SUCCESS);
    CHECK_STATUS(resize(file, 2), STATUS_SUCCESS);
    const char *names[] = {"piece00000000000000000041.bin", "piece00000000000000000042.bin"};
    for (unsigned at = 0; at < 2; at++) {
        FILE *container = fopen(names[at], "rb");
        if (CHECK(container != NULL)) {
            CHECK(fseek(container, 0, SEEK_END) == 0 && ftell(container) == 2 * CONTAINER_BYTES);
            fclose(container);
        }
    }
    close_log(file);
}

TEST(a_nul_in_a_prefix_fails_when_a_container_is_created) {
    PLOG_FILE_OBJECT file = open_log("log:nul");
    BUFFER buffer;
    begin_text(&buffer, ClfsMgmtPolicyNewContainerPrefix, 5);
    memset(buffer.bytes + TEXT_AT + 4, 0, 2);
    CHECK_STATUS(ClfsMgmtInstallPolicy(file, &buffer.policy, buffer.policy.LengthInBytes), STATUS_SUCCESS);
    CHECK_STATUS(resize(file, 2), STATUS_OBJECT_NAME_INVALID);
    close_log(file);
}

int main(void) {
    log_ = make_log("log:policies", 2);
    RUN(the_parameters_are_looked_at_in_their_order);
    RUN(a_short_policy_is_not_read_beyond_its_length);
    RUN(another_version_is_an_invalid_parameter);
    RUN(a_type_that_does_not_exist_is_an_invalid_parameter);
    RUN(a_flag_besides_overwrite_is_not_supported);
    RUN(a_second_policy_of_a_type_needs_overwrite);
    RUN(numbers_that_contradict_each_other_are_an_invalid_parameter);
    RUN(a_length_in_the_policy_must_lie_between_the_structure_and_the_buffer);
    RUN(a_text_with_half_a_character_or_cut_off_is_an_invalid_parameter);
    RUN(a_text_that_is_too_long_is_a_path_not_found);
    RUN(a_policy_may_lie_at_any_address);
    RUN(a_policy_belongs_to_the_physical_log_and_to_no_other);
    RUN(a_container_size_after_the_first_container_succeeds_without_effect);
    RUN(containers_are_named_and_sized_by_the_policies);
    RUN(a_nul_in_a_prefix_fails_when_a_container_is_created);
    drop_log(&log_);
    return check_end();
}
