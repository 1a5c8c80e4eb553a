/* ClfsAddLogContainer and ClfsAddLogContainerSet: sizes, paths, and what stays after a failure. The limit of 1,024 takes too long here. */
#include "fixture.h"

static long size_of_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    fclose(file);
    return size;
}

TEST(what_is_no_open_log_is_an_invalid_parameter) {
    ULONGLONG size;
    for (unsigned at = 0; at < MADE_UP; at++) {
        size = CONTAINER_BYTES;
        CHECK_STATUS(ClfsAddLogContainer(made_up(at), &size, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
        CHECK_STATUS(ClfsAddLogContainerSet(made_up(at), 1, &size, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
        CHECK(size == CONTAINER_BYTES);
    }
}

TEST(the_first_container_needs_a_size_and_a_path) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:first"));
    ULONGLONG size = CONTAINER_BYTES, none = 0, huge = ~0ULL, above = (ULONGLONG)1 << 40;
    UNICODE_STRING odd = *TEXT("%BLF%\\x"), nowhere = {8, 8, NULL};
    odd.Length--;
    CHECK_STATUS(ClfsAddLogContainer(file, NULL, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, &odd), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, &nowhere), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &none, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &huge, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &above, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainerSet(file, 0, &size, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainerSet(file, 2, &size, NULL), STATUS_INVALID_PARAMETER);
    CHECK(size == CONTAINER_BYTES && none == 0 && huge == ~0ULL && information(file).TotalContainers == 0);
    CHECK(size_of_file("x") == -1);
    close_log(file);
}

TEST(paths_that_lead_elsewhere_are_refused) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:paths"));
    const PUNICODE_STRING paths[] = {TEXT(""),           TEXT("relative"),       TEXT("%BLF%"),
                                     TEXT("%BLF%\\"),    TEXT("%BLF%\\..\\x"),   TEXT("%BLF%\\.\\x"),
                                     TEXT("%BLF%\\a/x"), TEXT("/tmp/../tmp/x"), TEXT("%BLF%\\x\\.")};
    ULONGLONG size = CONTAINER_BYTES;
    for (unsigned at = 0; at < sizeof paths / sizeof *paths; at++)
        CHECK_STATUS(ClfsAddLogContainer(file, &size, paths[at]), STATUS_OBJECT_NAME_INVALID);
    WCHAR nul[] = CLFSMGMT_TEXT("%BLF%\\a?b");
    UNICODE_STRING with_nul = {sizeof nul - 2, sizeof nul, nul};
    nul[7] = 0;
    CHECK_STATUS(ClfsAddLogContainer(file, &size, &with_nul), STATUS_OBJECT_NAME_INVALID);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\nowhere\\x")), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK(information(file).TotalContainers == 0 && size == CONTAINER_BYTES);
    close_log(file);
}

TEST(the_first_size_is_rounded_up_and_counts_for_all) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:sizes"));
    ULONGLONG size = CONTAINER_BYTES + 1, smaller = CONTAINER_BYTES, larger = 4 * CONTAINER_BYTES;
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\size-1")), STATUS_SUCCESS);
    CHECK(size == 2 * CONTAINER_BYTES && size_of_file("size-1") == 2 * CONTAINER_BYTES);
    CHECK_STATUS(ClfsAddLogContainer(file, NULL, TEXT("%BLF%\\size-2")), STATUS_SUCCESS);
    CHECK_STATUS(ClfsAddLogContainer(file, &smaller, TEXT("%BLF%\\size-3")), STATUS_INVALID_PARAMETER);
    CHECK(smaller == CONTAINER_BYTES);
    CHECK_STATUS(ClfsAddLogContainer(file, &larger, TEXT("%BLF%\\size-4")), STATUS_SUCCESS);
    CHECK(larger == 2 * CONTAINER_BYTES);
    CLFS_INFORMATION found = information(file);
    CHECK(found.TotalContainers == 3 && found.ContainerSize == 2 * CONTAINER_BYTES);
    CHECK(found.TotalAvailable == 6 * CONTAINER_BYTES);
    close_log(file);
}

TEST(containers_of_a_multiplexed_log_are_multiples_of_a_mebibyte) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:multi::"));
    ULONGLONG size = 1;
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\mebibyte")), STATUS_SUCCESS);
    CHECK(size == 1024 * 1024);
    close_log(file);
}

TEST(a_path_is_used_once) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:once")), other = open_log(TEXT("log:other"));
    ULONGLONG size = CONTAINER_BYTES;
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\once")), STATUS_SUCCESS);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\once")), STATUS_OBJECT_NAME_COLLISION);
    CHECK_STATUS(ClfsAddLogContainer(other, &size, TEXT("%BLF%\\once")), STATUS_OBJECT_NAME_COLLISION);
    CHECK_STATUS(ClfsAddLogContainer(other, &size, TEXT("%BLF%\\once.blf")), STATUS_OBJECT_NAME_COLLISION);
    CHECK(information(file).TotalContainers == 1 && information(other).TotalContainers == 0);
    close_log(other);
    close_log(file);
}

TEST(a_set_is_added_as_a_whole_or_not_at_all) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:set"));
    ULONGLONG size = CONTAINER_BYTES;
    UNICODE_STRING bad[] = {*TEXT("%BLF%\\set-1"), *TEXT("%BLF%\\set-2"), *TEXT("set-3")};
    CHECK_STATUS(ClfsAddLogContainerSet(file, 3, &size, bad), STATUS_OBJECT_NAME_INVALID);
    CHECK(information(file).TotalContainers == 0 && size_of_file("set-1") == -1);
    UNICODE_STRING twice[] = {*TEXT("%BLF%\\set-1"), *TEXT("%BLF%\\set-2"), *TEXT("%BLF%\\set-1")};
    CHECK_STATUS(ClfsAddLogContainerSet(file, 3, &size, twice), STATUS_OBJECT_NAME_COLLISION);
    UNICODE_STRING nowhere[] = {*TEXT("%BLF%\\set-1"), *TEXT("%BLF%\\set-2"), *TEXT("%BLF%\\nowhere\\set-3")};
    CHECK_STATUS(ClfsAddLogContainerSet(file, 3, &size, nowhere), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK(information(file).TotalContainers == 0 && size == CONTAINER_BYTES);
    CHECK(size_of_file("set-1") == -1 && size_of_file("set-2") == -1);
    UNICODE_STRING good[] = {*TEXT("%BLF%\\set-1"), *TEXT("%BLF%\\set-2"), *TEXT("%BLF%\\set-3")};
    CHECK_STATUS(ClfsAddLogContainerSet(file, 3, &size, good), STATUS_SUCCESS);
    UNICODE_STRING known[] = {*TEXT("%BLF%\\set-4"), *TEXT("%BLF%\\set-2")};
    CHECK_STATUS(ClfsAddLogContainerSet(file, 2, NULL, known), STATUS_OBJECT_NAME_COLLISION);
    CHECK(size_of_file("set-4") == -1 && size_of_file("set-2") == CONTAINER_BYTES);
    CHECK(information(file).TotalContainers == 3 && information(file).FreeContainers >= 2);
    close_log(file);
    file = open_log(TEXT("log:set"));
    CHECK(information(file).TotalContainers == 3);
    close_log(file);
}

TEST(an_absolute_path_is_taken_as_it_is) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:absolute"));
    const char *folder = getenv("TMPDIR");
    WCHAR units[512];
    UNICODE_STRING path = {0, sizeof units, units};
    REQUIRE(folder != NULL && folder[0] == '/' && strlen(folder) < 400);
    const char *parts[] = {folder, "/absolute-container"};
    for (unsigned part = 0; part < 2; part++)
        for (const char *at = parts[part]; *at != 0; at++, path.Length += sizeof(WCHAR))
            units[path.Length / sizeof(WCHAR)] = (WCHAR)(unsigned char)*at;
    ULONGLONG size = CONTAINER_BYTES;
    CHECK_STATUS(ClfsAddLogContainer(file, &size, &path), STATUS_SUCCESS);
    CHECK(size_of_file("absolute-container") == CONTAINER_BYTES);
    close_log(file);
}

int main(void) {
    RUN(what_is_no_open_log_is_an_invalid_parameter);
    RUN(the_first_container_needs_a_size_and_a_path);
    RUN(paths_that_lead_elsewhere_are_refused);
    RUN(the_first_size_is_rounded_up_and_counts_for_all);
    RUN(containers_of_a_multiplexed_log_are_multiples_of_a_mebibyte);
    RUN(a_path_is_used_once);
    RUN(a_set_is_added_as_a_whole_or_not_at_all);
    RUN(an_absolute_path_is_taken_as_it_is);
    return check_end();
}
