/*
 * storm write NAME STREAMS THREADS CONTAINERS LIFE [confirmed]     writes to NAME.blf until it is killed; storm.h
 * storm check NAME STREAMS PROMISES [lied]                         0: the promises are kept, 1: they are not,
 *                                                                  3: the log is not opened, or not read
 * `lied`: the disk did not keep its own; what is there must be whole all the same.
 */
#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words) {
    SETTING setting = {0};
    if (count >= 7 && strcmp(words[1], "write") == 0) {
        setting = (SETTING){words[2], (unsigned)atoi(words[3]), (unsigned)atoi(words[4]), (unsigned)atoi(words[5]),
                            (unsigned)atoi(words[6]), count > 7};
        if (setting.streams <= STREAMS_MAX && setting.threads <= THREADS_MAX && setting.streams <= setting.threads)
            write_until_killed(&setting);
    }
    if (count >= 5 && strcmp(words[1], "check") == 0) {
        setting = (SETTING){.name = words[2], .streams = (unsigned)atoi(words[3])};
        if (setting.streams <= STREAMS_MAX)
            return check_log(&setting, words[4], count > 5);
    }
    fprintf(stderr, "storm: what is to be done? See storm.c\n");
    return 2;
}
