/* Starts and stops services inside the VM, and asks the shim of the kernel what is owed.
 *
 *   control create NAME PATH     a kernel service, started on demand
 *   control start NAME           and waits until it runs (10 s)
 *   control stop NAME [SECONDS]  and waits until it has stopped (10 s)
 *   control counts               what the shim knows: lines of text
 *   control stay                 until standard input ends; keeps the VM up
 *
 * Exit code 0: done; 1: it failed, and how is said; 2: it is not over in time.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winioctl.h>

#define TELL CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static int failed(const char *what, const char *name)
{
    printf("%s %s: error %lu\n", what, name, GetLastError());
    return 1;
}

static SC_HANDLE open_service(SC_HANDLE manager, const char *name)
{
    return OpenServiceA(manager, name, SERVICE_START | SERVICE_STOP | SERVICE_QUERY_STATUS);
}

/* Waits until the service is in this state. */
static int reach(SC_HANDLE service, const char *name, DWORD state, int seconds)
{
    SERVICE_STATUS status;
    ULONGLONG end = GetTickCount64() + 1000ULL * seconds;

    for (;;) {
        if (!QueryServiceStatus(service, &status))
            return failed("query", name);
        if (status.dwCurrentState == state)
            return 0;
        if (GetTickCount64() > end) {
            printf("%s: in state %lu after %d s, not %lu\n", name, status.dwCurrentState, seconds, state);
            return 2;
        }
        Sleep(20);
    }
}

static int create(SC_HANDLE manager, const char *name, const char *path)
{
    SC_HANDLE service = CreateServiceA(manager, name, name, SERVICE_ALL_ACCESS, SERVICE_KERNEL_DRIVER,
                                       SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, path, "VM", NULL, NULL, NULL, NULL);
    return service == NULL ? failed("create", name) : 0;
}

static int start(SC_HANDLE manager, const char *name)
{
    int wrong;
    SC_HANDLE service = open_service(manager, name);
    if (service == NULL)
        return failed("open", name);
    if (!StartServiceA(service, 0, NULL))
        return failed("start", name);
    wrong = reach(service, name, SERVICE_RUNNING, 10);
    CloseServiceHandle(service);
    return wrong;
}

static int stop(SC_HANDLE manager, const char *name, int seconds)
{
    int wrong;
    SERVICE_STATUS status;
    SC_HANDLE service = open_service(manager, name);
    if (service == NULL)
        return failed("open", name);
    if (!ControlService(service, SERVICE_CONTROL_STOP, &status)) {
        failed("stop", name);
        /* Whoever waits longer than the manager does hears of it by asking. */
        if (GetLastError() != ERROR_SERVICE_REQUEST_TIMEOUT)
            return 1;
    }
    wrong = reach(service, name, SERVICE_STOPPED, seconds);
    CloseServiceHandle(service);
    return wrong;
}

static int counts(void)
{
    static char text[8193];
    DWORD length = 0;
    HANDLE device = CreateFileA("\\\\.\\VmKernel", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (device == INVALID_HANDLE_VALUE)
        return failed("open", "VmKernel");
    if (!DeviceIoControl(device, TELL, NULL, 0, text, 8192, &length, NULL))
        return failed("ask", "VmKernel");
    fwrite(text, 1, length, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_ALL_ACCESS);

    if (manager == NULL)
        return failed("open", "the service manager");
    if (strcmp(verb, "create") == 0 && argc == 4)
        return create(manager, argv[2], argv[3]);
    if (strcmp(verb, "start") == 0 && argc == 3)
        return start(manager, argv[2]);
    if (strcmp(verb, "stop") == 0 && argc >= 3)
        return stop(manager, argv[2], argc > 3 ? atoi(argv[3]) : 10);
    if (strcmp(verb, "counts") == 0)
        return counts();
    if (strcmp(verb, "stay") == 0) {
        puts("up");
        fflush(stdout);
        while (getchar() != EOF)
            ;
        return 0;
    }
    fprintf(stderr, "control: see its source\n");
    return 1;
}
