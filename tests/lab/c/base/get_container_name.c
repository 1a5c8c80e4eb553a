/* ClfsGetContainerName: the full path, whole, in part, or its length alone. */
#include "fixture.h"

#include <unistd.h>

static LOG log_;
static char expected[600];
static ULONG units_;

/* The path of the container with this number, as units. */
static const WCHAR *full_path(unsigned number) {
    static WCHAR path[600];
    snprintf(expected + units_ - 2, 3, "%02u", number);
    for (ULONG at = 0; at <= units_; at++)
        path[at] = (WCHAR)(unsigned char)expected[at];
    return path;
}

static void find_folder(void) {
    REQUIRE(getcwd(expected, 500) != NULL);
    strcat(expected, "/container-00");
    units_ = (ULONG)strlen(expected);
}

TEST(the_path_is_the_full_one_however_it_was_added) {
    CLFS_LSN base = information(log_.file).BaseLsn;
    for (ULONG at = 0; at < 2; at++) {
        WCHAR units[600];
        UNICODE_STRING name = {7, sizeof units, units};
        ULONG length = 0;
        FILL(units);
        CHECK_STATUS(ClfsGetContainerName(log_.file, ClfsLsnContainer(&base) + at, &name, &length), STATUS_SUCCESS);
        CHECK(length == units_ && name.Length == 2 * units_ && name.MaximumLength == sizeof units && name.Buffer == units);
        CHECK(memcmp(units, full_path(at), 2 * units_) == 0);
        CHECK(is_marked(units + units_, sizeof units - 2 * units_));
    }
}

TEST(a_container_is_removed_by_the_path_that_was_told) {
    WCHAR units[600];
    UNICODE_STRING name = {0, sizeof units, units};
    LOG log = make_log(TEXT("log:removed"));
    add_container(log.file, CONTAINER_BYTES);
    CHECK_STATUS(ClfsGetContainerName(log.file, 2, &name, NULL), STATUS_SUCCESS);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &name, TRUE), STATUS_SUCCESS);
    CHECK(information(log.file).TotalContainers == 2);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &name, TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsAddLogContainer(log.file, NULL, &name), STATUS_SUCCESS);
    UNICODE_STRING told = {0, sizeof units, units};
    CHECK_STATUS(ClfsGetContainerName(log.file, 2, &told, NULL), STATUS_SUCCESS);
    CHECK(told.Length == name.Length);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, TEXT("%BLF%\\container-04"), TRUE), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(a_buffer_that_just_fits_takes_the_whole_name) {
    WCHAR *units = malloc(2 * units_);
    UNICODE_STRING name = {0, (USHORT)(2 * units_), units};
    CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &name, NULL), STATUS_SUCCESS);
    CHECK(name.Length == 2 * units_);
    free(units);
}

TEST(a_buffer_that_is_too_small_takes_a_part_and_the_length_is_told) {
    for (USHORT room = 0; room < 2 * units_; room++) {
        UCHAR *bytes = malloc(room + 1);
        UNICODE_STRING name = {0, room, (PWSTR)(void *)bytes};
        ULONG length = 0;
        memset(bytes, MARK, room + 1);
        CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &name, &length), STATUS_BUFFER_OVERFLOW);
        CHECK(length == units_ && name.Length == room / 2 * 2);
        CHECK(memcmp(bytes, full_path(0), name.Length) == 0);
        CHECK(is_marked(bytes + name.Length, room + 1 - name.Length));
        free(bytes);
    }
    UNICODE_STRING nothing = {0, 0, NULL};
    ULONG length = 0;
    CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &nothing, &length), STATUS_BUFFER_OVERFLOW);
    CHECK(length == units_ && nothing.Length == 0);
}

TEST(bad_parameters_leave_the_outputs) {
    WCHAR units[32];
    UNICODE_STRING name = {6, sizeof units, units}, nowhere = {2, 8, NULL};
    ULONG length;
    FILL(units), FILL(length);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsGetContainerName(made_up(at), 0, &name, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetContainerName(log_.file, 0, NULL, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &nowhere, &length), STATUS_INVALID_PARAMETER);
    const ULONG missing[] = {2, 1000, 0x7FFFFFFF, 0xFFFFFFFF};
    for (unsigned at = 0; at < 4; at++)
        CHECK_STATUS(ClfsGetContainerName(log_.file, missing[at], &name, &length), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(IS_MARKED(units) && IS_MARKED(length) && name.Length == 6 && nowhere.Length == 2);
}

int main(void) {
    log_ = make_log(TEXT("log:names"));
    find_folder();
    RUN(the_path_is_the_full_one_however_it_was_added);
    RUN(a_container_is_removed_by_the_path_that_was_told);
    RUN(a_buffer_that_just_fits_takes_the_whole_name);
    RUN(a_buffer_that_is_too_small_takes_a_part_and_the_length_is_told);
    RUN(bad_parameters_leave_the_outputs);
    drop_log(&log_);
    return check_end();
}
