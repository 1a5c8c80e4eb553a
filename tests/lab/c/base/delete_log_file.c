/* ClfsDeleteLogFile: by name, at once or when the last handle is closed. */
#include "fixture.h"

static NTSTATUS delete(PUNICODE_STRING name) { return ClfsDeleteLogFile(name, NULL, 0, NULL, 0); }

static int exists(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

TEST(what_is_no_name_is_refused) {
    UNICODE_STRING odd = *TEXT("log:odd"), nowhere = {8, 8, NULL};
    UCHAR context = 0;
    odd.Length--;
    CHECK_STATUS(delete(NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(delete(&odd), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(delete(&nowhere), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsDeleteLogFile(TEXT("log:x"), NULL, 0, &context, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(delete(TEXT("")), STATUS_OBJECT_NAME_INVALID);
    CHECK_STATUS(delete(TEXT("x")), STATUS_OBJECT_NAME_INVALID);
    CHECK_STATUS(delete(TEXT("log:x.blf")), STATUS_OBJECT_NAME_INVALID);
}

TEST(what_does_not_exist_is_not_found_and_not_made) {
    CHECK_STATUS(delete(TEXT("log:missing")), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(delete(TEXT("log:nowhere/missing")), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK_STATUS(delete(TEXT("log:missing::stream")), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(!exists("missing.blf"));
}

TEST(a_closed_log_goes_at_once_with_its_containers) {
    LOG log = make_log(TEXT("log:closed"));
    put(log.area, "gone");
    drop_log(&log);
    CHECK(exists("closed.blf") && exists("container-00") && exists("container-01"));
    CHECK_STATUS(delete(TEXT("log:closed")), STATUS_SUCCESS);
    CHECK(!exists("closed.blf") && !exists("container-00") && !exists("container-01"));
    CHECK_STATUS(delete(TEXT("log:closed")), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(an_open_log_goes_when_it_is_closed) {
    LOG log = make_log(TEXT("log:open"));
    CHECK_STATUS(delete(TEXT("log:open")), STATUS_SUCCESS);
    CHECK_STATUS(delete(TEXT("log:open")), STATUS_DELETE_PENDING);
    CLFS_LSN lsn = put(log.area, "until then");
    expect_at(log.area, lsn, "until then");
    CHECK(exists("open.blf"));
    close_log(log.file);
    CHECK(exists("open.blf"));
    put(log.area, "and behind the handle");
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
    CHECK(!exists("open.blf"));
}

TEST(a_handle_that_does_not_share_deletion_forbids_it) {
    PLOG_FILE_OBJECT file;
    REQUIRE_STATUS(open_with(&file, TEXT("log:unshared"), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_ALWAYS,
                             0),
                   STATUS_SUCCESS);
    CHECK_STATUS(delete(TEXT("log:unshared")), STATUS_SHARING_VIOLATION);
    close_log(file);
    CHECK_STATUS(delete(TEXT("log:unshared")), STATUS_SUCCESS);
}

TEST(a_log_of_the_other_kind_stays) {
    close_log(open_log(TEXT("log:one")));
    close_log(open_log(TEXT("log:many::s")));
    CHECK_STATUS(delete(TEXT("log:one::")), STATUS_LOG_DEDICATED);
    CHECK_STATUS(delete(TEXT("log:one::s")), STATUS_LOG_DEDICATED);
    CHECK_STATUS(delete(TEXT("log:many")), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(delete(TEXT("log:many::t")), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(exists("one.blf") && exists("many.blf"));
    CHECK_STATUS(delete(TEXT("log:many::s")), STATUS_SUCCESS);
    CHECK(exists("many.blf"));
    CHECK_STATUS(delete(TEXT("log:many::")), STATUS_SUCCESS);
    CHECK(!exists("many.blf"));
}

int main(void) {
    RUN(what_is_no_name_is_refused);
    RUN(what_does_not_exist_is_not_found_and_not_made);
    RUN(a_closed_log_goes_at_once_with_its_containers);
    RUN(an_open_log_goes_when_it_is_closed);
    RUN(a_handle_that_does_not_share_deletion_forbids_it);
    RUN(a_log_of_the_other_kind_stays);
    return check_end();
}
