/*
 * The first and only program of the guest: a disk below a file system, faults in it, a storm and a replay on top.
 *
 *     /dev/vda   the log's disk         /dev/vdb   what dm-log-writes saw of it        /dev/vdc   promises, text
 *
 * The file system lies on the device `disk` (linear, or dm-flakey while it fails), that on `writes` (dm-log-writes),
 * that on /dev/vda. What is told goes out by the first serial port, the kernel's own words by the second. Beside the
 * storm's lines (tests/lab/storm/storm.h) these:
 *
 *     G text       where the guest is
 *     C code text  the storm's check of the log as it was found, before anything is written
 *     W text       writes begin to fail or to be dropped, or no longer
 *     S life       a storm begins, whose first life is the next one
 *     P number code    a replay has ended
 *
 * Marks in the record of dm-log-writes: `S.N` behind line N of the storm S; `lied` before writes are dropped;
 * `replay-N` behind a replay that ended well, `removing-N` before its log goes. A mark is behind every flush that
 * returned before.
 *
 * A line from outside says what is to be done: mode=plain|errors|lies data=SECTOR seed=N life=N streams=N threads=N
 * containers=N. Data begin at that sector.
 */
#define _GNU_SOURCE
#include "mapper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <linux/fs.h>

static char words[4096];
static int serial = 1;
static pthread_mutex_t line_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long long sectors;
static unsigned luck, life;
static atomic_int storm_process, replay_process, is_remounting;

static void tell(const char *form, ...) {
    char line[400];
    va_list values;
    va_start(values, form);
    int length = vsnprintf(line, sizeof line - 1, form, values);
    va_end(values);
    length = length < (int)sizeof line - 1 ? length : (int)sizeof line - 2;
    line[length++] = '\n';
    pthread_mutex_lock(&line_lock);
    (void)!write(serial, line, (size_t)length);
    pthread_mutex_unlock(&line_lock);
}

/* Nothing more can be done here. */
static void give_up(const char *what) {
    tell("X 0 %s: %m", what);
    tcdrain(serial);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

/* The value of a word of that line. */
static const char *option(const char *name, char *value, size_t size) {
    char wanted[40];
    snprintf(wanted, sizeof wanted, " %s=", name);
    const char *found = strstr(words, wanted);
    snprintf(value, size, "%.*s", found ? (int)strcspn(found + strlen(wanted), " \n") : 0,
             found ? found + strlen(wanted) : "");
    return value;
}

static void rest(unsigned least, unsigned most) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    unsigned milliseconds = least + (unsigned)rand_r(&luck) % (most - least);
    pthread_mutex_unlock(&lock);
    usleep(milliseconds * 1000);
}

static pid_t start(char *const *arguments, int input, int output) {
    pid_t process = fork();
    if (process == 0) {
        dup2(input, STDIN_FILENO);
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        execv(arguments[0], arguments);
        _exit(127);
    }
    return process;
}

static int wait_for(pid_t process) {
    int status = -1;
    while (waitpid(process, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- the machine --- */

static void load_modules(void) {
    char name[100];
    FILE *list = fopen("/modules/order", "r");
    while (list != NULL && fscanf(list, "%99s", name) == 1) {
        int file = open(name, O_RDONLY | O_CLOEXEC);
        if (syscall(SYS_finit_module, file, "", 0) != 0)
            give_up(name);
        close(file);
    }
}

static void open_serial(void) {
    struct termios setting;
    serial = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (serial < 0 || tcgetattr(serial, &setting) != 0)
        reboot(RB_POWER_OFF);
    cfmakeraw(&setting);
    cfsetspeed(&setting, B115200);
    tcsetattr(serial, TCSANOW, &setting);
}

/* The words of this life, which come in a line once somebody listens: until then the machine may be put away, and be
   gone on with many times. No disk has been looked at by then. */
static void wait_for_words(void) {
    size_t length = 0;
    struct pollfd input = {serial, POLLIN, 0};
    words[length++] = ' ';
    while (length < sizeof words - 1 && words[length - 1] != '\n') {
        if (length == 1)
            tell("G up");
        if (poll(&input, 1, 100) > 0 && read(serial, words + length, 1) == 1)
            length++;
    }
    words[length] = 0;
}

static void prepare(void) {
    mkdir("/proc", 0755);
    mkdir("/dev", 0755);
    mkdir("/mnt", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("dev", "/dev", "devtmpfs", 0, NULL);
    open_serial();
    load_modules();
    wait_for_words();
    int file = open("/dev/vda", O_RDONLY);
    if (ioctl(file, BLKGETSIZE64, &sectors) != 0)
        give_up("/dev/vda");
    close(file);
    sectors /= 512;
    if (make_device("writes", &(SEGMENT){sectors, "log-writes", "/dev/vda /dev/vdb"}, 1) != 0 ||
        make_device("disk", &(SEGMENT){sectors, "linear", "/dev/dm-0 0"}, 1) != 0)
        give_up("device mapper");
}

/* The journal is written when somebody flushes, and else late: not just while writes fail, which ends it. */
static void mount_disk(void) {
    if (mount("/dev/dm-1", "/mnt", "ext4", MS_NOATIME, "commit=300,errors=remount-ro") != 0)
        give_up("mount");
}

/* --- what runs --- */

/* The log as it was found, beside what its writers were promised; before a byte is written by others. */
static void check_promises(char *streams) {
    char text[300] = "", first = 0;
    int pipes[2], file = open("/dev/vdc", O_RDONLY | O_CLOEXEC), length = 0, got;
    if (read(file, &first, 1) != 1 || first == 0) {
        close(file);
        return;
    }
    close(file);
    if (pipe2(pipes, O_CLOEXEC) != 0)
        give_up("pipe");
    char *arguments[] = {"/storm", "check", "/mnt/log", streams, "/dev/vdc", NULL};
    pid_t process = start(arguments, STDIN_FILENO, pipes[1]);
    close(pipes[1]);
    while ((got = (int)read(pipes[0], text + length, sizeof text - 1 - (size_t)length)) > 0)
        length += got;
    close(pipes[0]);
    text[length] = 0;
    for (char *at = text; *at; at++)
        *at = *at == '\n' ? ';' : *at;
    tell("C %d %s", wait_for(process), text);
}

/* A replay's log goes. */
static void remove_replay(unsigned number) {
    char text[60], path[400];
    snprintf(text, sizeof text, "mark removing-%u", number);
    send_message("writes", text);
    snprintf(text, sizeof text, "/mnt/replay-%u", number);
    DIR *folder = opendir(text);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", text, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    rmdir(text);
}

/* One replay after the other; the logs of two stay. */
static void *run_replays(void *none) {
    (void)none;
    for (unsigned number = life * 100;; number++) {
        char folder[60], mark[60];
        snprintf(folder, sizeof folder, "/mnt/replay-%u", number);
        char *arguments[] = {"/clfsmgmt", "replay", "/trace.csv", "--log", folder, "--container-size", "1MiB",
                             "--max-containers", "4",  "--streams",    "2",     NULL};
        while (is_remounting)
            usleep(10000);
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        replay_process = start(arguments, nothing, nothing);
        /* Or the storm would leave it nothing. */
        setpriority(PRIO_PROCESS, (id_t)replay_process, -15);
        close(nothing);
        int code = wait_for(replay_process);
        replay_process = 0;
        snprintf(mark, sizeof mark, "mark replay-%u", number);
        if (code == 0)
            send_message("writes", mark);
        tell("P %u %d", number, code);
        if (number > 1)
            remove_replay(number - 2);
        rest(100, 300);
    }
    return NULL;
}

/* An ended journal: the file system takes no more writes until it is mounted again. */
static void look_at_the_file_system(void) {
    int is_ended = mkdir("/mnt/probe", 0755) != 0 && errno != EEXIST;
    rmdir("/mnt/probe");
    if (is_ended && !is_remounting && storm_process != 0) {
        is_remounting = 1;
        kill(storm_process, SIGKILL);
    }
}

/* Writes fail from a sector on, or are dropped in silence. */
static int break_disk(const char *feature, unsigned long long from) {
    char healthy[60], table[100];
    snprintf(healthy, sizeof healthy, "/dev/dm-0 0");
    snprintf(table, sizeof table, "/dev/dm-0 %llu 0 60 1 %s", from, feature);
    SEGMENT segments[] = {{from, "linear", healthy}, {sectors - from, "flakey", table}};
    return from == 0 ? change_device("disk", segments + 1, 1) : change_device("disk", segments, 2);
}

/* So it is for a while, and again. Mostly where files have their data; else everywhere, which ends a journal. */
static void *run_faults(void *feature) {
    char number[20];
    unsigned long long data = strtoull(option("data", number, sizeof number), NULL, 10);
    int is_lie = strcmp(feature, "drop_writes") == 0;
    for (unsigned turn = luck; ; turn++) {
        rest(150, 600);
        if (is_lie)
            send_message("writes", "mark lied");
        if (break_disk(feature, turn % 5 == 0 ? 0 : data) != 0)
            give_up("flakey");
        tell("W %s%s", (char *)feature, turn % 5 == 0 ? " everywhere" : "");
        rest(40, 200);
        if (change_device("disk", &(SEGMENT){sectors, "linear", "/dev/dm-0 0"}, 1) != 0)
            give_up("linear");
        tell("W none");
        look_at_the_file_system();
    }
    return NULL;
}

/* --- the storm --- */

/* Marks the newest line of these, then passes them on. A line `B` is waited for until it is out. */
static void pass_on(const char *lines, size_t length, int confirm) {
    unsigned long newest = 0;
    unsigned moves = 0;
    char mark[60];
    const char *end = lines + length;
    for (const char *at = lines; at != NULL && at < end; at = memchr(at, '\n', (size_t)(end - at))) {
        at += at != lines;
        if (at < end && *at != '\n') {
            newest = strtoul(at + 2, NULL, 10);
            moves += *at == 'B';
        }
    }
    snprintf(mark, sizeof mark, "mark %u.%lu", life, newest);
    if (newest != 0)
        send_message("writes", mark);
    pthread_mutex_lock(&line_lock);
    for (size_t done = 0; done < length;) {
        ssize_t wrote = write(serial, lines + done, length - done);
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    if (moves > 0)
        tcdrain(serial);
    pthread_mutex_unlock(&line_lock);
    while (moves-- > 0)
        (void)!write(confirm, "", 1);
}

static void run_storm(char *streams, char *threads, char *containers) {
    char number[20], lines[4096];
    int told[2], confirmed[2], got;
    size_t length = 0;
    snprintf(number, sizeof number, "%u", life);
    char *arguments[] = {"/storm", "write", "/mnt/log", streams, threads, containers, number, "confirmed", NULL};
    if (pipe2(told, O_CLOEXEC) != 0 || pipe2(confirmed, O_CLOEXEC) != 0)
        give_up("pipe");
    tell("S %s", number);
    storm_process = start(arguments, confirmed[0], told[1]);
    close(told[1]);
    close(confirmed[0]);
    while ((got = (int)read(told[0], lines + length, sizeof lines - length)) > 0) {
        length += (size_t)got;
        char *end = memrchr(lines, '\n', length);
        size_t whole = end == NULL ? 0 : (size_t)(end - lines) + 1;
        if (whole > 0)
            pass_on(lines, whole, confirmed[1]);
        memmove(lines, lines + whole, length - whole);
        length -= whole;
    }
    close(told[0]);
    close(confirmed[1]);
    int code = wait_for(storm_process);
    if (!is_remounting)
        tell("X 0 the storm ended with %d", code);
}

static void remount(void) {
    if (replay_process != 0)
        kill(replay_process, SIGKILL);
    while (replay_process != 0)
        usleep(1000);
    if (umount("/mnt") != 0)
        give_up("umount");
    mount_disk();
    tell("G mounted again");
    is_remounting = 0;
}

int main(void) {
    char mode[20], number[20], streams[20], threads[20], containers[20];
    pthread_t thread;
    prepare();
    signal(SIGPIPE, SIG_IGN);
    luck = (unsigned)atoi(option("seed", number, sizeof number));
    life = (unsigned)atoi(option("life", number, sizeof number));
    option("mode", mode, sizeof mode);
    option("streams", streams, sizeof streams);
    option("threads", threads, sizeof threads);
    option("containers", containers, sizeof containers);
    mount_disk();
    check_promises(streams);
    char *feature = strcmp(mode, "errors") == 0 ? "error_writes" : strcmp(mode, "lies") == 0 ? "drop_writes" : NULL;
    if (feature != NULL && pthread_create(&thread, NULL, run_faults, feature) != 0)
        give_up("thread");
    if (pthread_create(&thread, NULL, run_replays, NULL) != 0)
        give_up("thread");
    for (;; life += 100) {
        run_storm(streams, threads, containers);
        if (is_remounting)
            remount();
        else
            rest(50, 100);
    }
}
