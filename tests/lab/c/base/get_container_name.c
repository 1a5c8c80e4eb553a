/* ClfsGetContainerName: the path as it was added, whole, in part, or its length alone. */
#include "fixture.h"

static LOG log_;
enum { UNITS = 18 }; /* "%BLF%\container-00" */

TEST(the_path_is_the_one_that_was_added) {
    CLFS_LSN base = information(log_.file).BaseLsn;
    for (ULONG at = 0; at < 2; at++) {
        WCHAR units[32];
        UNICODE_STRING name = {7, sizeof units, units};
        ULONG length = 0;
        FILL(units);
        CHECK_STATUS(ClfsGetContainerName(log_.file, ClfsLsnContainer(&base) + at, &name, &length), STATUS_SUCCESS);
        CHECK(length == UNITS && name.Length == 2 * UNITS && name.MaximumLength == sizeof units && name.Buffer == units);
        CHECK(memcmp(units, CLFSMGMT_TEXT("%BLF%\\container-0"), 2 * UNITS - 2) == 0 && units[UNITS - 1] == '0' + at);
        CHECK(is_marked(units + UNITS, sizeof units - 2 * UNITS));
    }
}

TEST(a_buffer_that_just_fits_takes_the_whole_name) {
    WCHAR *units = malloc(2 * UNITS);
    UNICODE_STRING name = {0, 2 * UNITS, units};
    CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &name, NULL), STATUS_SUCCESS);
    CHECK(name.Length == 2 * UNITS);
    free(units);
}

TEST(a_buffer_that_is_too_small_takes_a_part_and_the_length_is_told) {
    for (USHORT room = 0; room < 2 * UNITS; room++) {
        UCHAR *bytes = malloc(room + 1);
        UNICODE_STRING name = {0, room, (PWSTR)(void *)bytes};
        ULONG length = 0;
        memset(bytes, MARK, room + 1);
        CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &name, &length), STATUS_BUFFER_OVERFLOW);
        CHECK(length == UNITS && name.Length == room / 2 * 2);
        CHECK(memcmp(bytes, CLFSMGMT_TEXT("%BLF%\\container-00"), name.Length) == 0);
        CHECK(is_marked(bytes + name.Length, room + 1 - name.Length));
        free(bytes);
    }
    UNICODE_STRING nothing = {0, 0, NULL};
    ULONG length = 0;
    CHECK_STATUS(ClfsGetContainerName(log_.file, 0, &nothing, &length), STATUS_BUFFER_OVERFLOW);
    CHECK(length == UNITS && nothing.Length == 0);
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
    RUN(the_path_is_the_one_that_was_added);
    RUN(a_buffer_that_just_fits_takes_the_whole_name);
    RUN(a_buffer_that_is_too_small_takes_a_part_and_the_length_is_told);
    RUN(bad_parameters_leave_the_outputs);
    drop_log(&log_);
    return check_end();
}
