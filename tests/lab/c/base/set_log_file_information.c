/* ClfsSetLogFileInformation: nothing can be set, and bad parameters come first. */
#include "fixture.h"

TEST(no_class_can_be_set) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:set"));
    CLFS_INFORMATION before = information(file), given = before;
    given.TotalContainers = 9;
    for (int class = ClfsLogBasicInformation; class <= ClfsLogPhysicalLsnInformation; class++)
        CHECK_STATUS(ClfsSetLogFileInformation(file, (CLFS_LOG_INFORMATION_CLASS)class, &given, sizeof given),
                     STATUS_NOT_SUPPORTED);
    CLFS_INFORMATION after = information(file);
    CHECK(memcmp(&before, &after, sizeof after) == 0);
    close_log(file);
}

TEST(bad_parameters_come_first) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:set"));
    ULONG value = 0;
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsSetLogFileInformation(made_up(at), ClfsLogBasicInformation, &value, 4),
                     STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetLogFileInformation(file, ClfsLogBasicInformation, NULL, 4), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetLogFileInformation(file, (CLFS_LOG_INFORMATION_CLASS)6, &value, 4), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetLogFileInformation(file, (CLFS_LOG_INFORMATION_CLASS)-1, &value, 4), STATUS_INVALID_PARAMETER);
    close_log(file);
}

int main(void) {
    RUN(no_class_can_be_set);
    RUN(bad_parameters_come_first);
    return check_end();
}
