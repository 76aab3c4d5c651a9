/*
 * Loads and unloads the library: from a thread that ends, and whose stack is unmapped then
 * (it is the first that the run-time knows); while another has counted calls in it.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static int (*start_mode)(int);
static void (*start_change)(int);
static pthread_barrier_t here;
static void *library;

static void *loader(void *path)
{
    library = dlopen(path, RTLD_NOW);
    if (!library)
        return dlerror();
    start_mode = (int (*)(int))dlsym(library, "start_mode");
    start_change = (void (*)(int))dlsym(library, "start_change");
    start_mode(7);
    return NULL;
}

static void *guest(void *arg)
{
    *(int *)arg = start_mode(5);
    pthread_barrier_wait(&here);
    pthread_barrier_wait(&here); /* unloaded meanwhile */
    return arg;
}

int main(int argc, char **argv)
{
    int r[3] = { 0 };
    pthread_attr_t big;
    pthread_barrier_init(&here, NULL, 2);
    pthread_attr_init(&big);
    pthread_attr_setstacksize(&big, 100 << 20);
    for (int i = 0; i < 20 && argc > 1; i++) {
        pthread_t thread;
        void *wrong = NULL;
        pthread_create(&thread, &big, loader, argv[1]);
        pthread_join(thread, &wrong);
        if (wrong) {
            puts(wrong);
            return 2;
        }
        start_change(3);
        pthread_create(&thread, NULL, guest, &r[0]);
        pthread_barrier_wait(&here);
        r[1] += start_mode(1);
        start_change(5);
        r[2] += start_mode(1);
        dlclose(library);
        pthread_barrier_wait(&here);
        pthread_join(thread, NULL);
    }
    printf("%d %d %d\n", r[0], r[1], r[2]);
    return 0;
}
