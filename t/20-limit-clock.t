#!/usr/bin/perl
# The wall clock is set by days, forth and back, under nginx's feet: no quota is lost, none extended.
use v5.36;
use lib 't/lib';
use POSIX qw(strftime);
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module is not built' if !$t->built('module');
plan skip_all => 'a preloaded library and a sanitizer do not go together' if $t->sanitizer;

# Wall clock time as nginx reads it is shifted by the seconds in a file.
$t->write_file('shift.c', <<'END');
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
    char text[32] = "";
    int fd = open(SHIFT_FILE, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? atol(text) : 0;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static int (*next)(struct timeval *, void *);
    if (!next) next = dlsym(RTLD_NEXT, "gettimeofday");
    int result = next(now, zone);
    now->tv_sec += shift();
    return result;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
    int result = next(clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += shift();
    return result;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
END
my $library = $t->dir('shift.so');
my @source = ('-DSHIFT_FILE="' . $t->dir('shift') . '"', $t->dir('shift.c'));
plan skip_all => 'no C compiler' if system('cc', qw(-shared -fPIC -O1 -o), $library, @source, '-ldl') != 0;

my %zones = (
    gcra => 'quota=3/day', fixed => 'quota=3/day window=fixed', utc => 'quota=3/30days window=fixed align=utc',
    sliding => 'quota=3/30days window=sliding', rate => 'rate=1r/m', file => 'quota=3/day file=limits.zone');
my $zones = join '', map { "gate_limit_zone \$arg_k zone=$_:64k $zones{$_};\n" } sort keys %zones;
my $places = join '', map { "location = /$_ { gate_limit zone=$_" . ($_ eq 'rate' ? ' burst=2 nodelay' : '') . "; empty_gif; }\n" } sort keys %zones;
$t->nginx_conf("$zones keepalive_timeout 0; server { listen 127.0.0.1:%%PORT%%; $places }");

sub start () {
    local $ENV{LD_PRELOAD} = $library;
    return $t->start_nginx;
}
sub statuses ($zone, $key, $count) { return join ' ', map { $t->get("/$zone?k=$key")->{status} } 1 .. $count }
sub wait_of ($zone, $key) { return $t->get("/$zone?k=$key")->{header}{'retry-after'} // 0 }

# Waits until all workers see the shifted time: Date is nginx's own wall clock.
sub set_clock ($seconds) {
    $t->write_file('shift', $seconds);
    wait_for(sub {
        my %near = map { strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime time + $seconds + $_) => 1 } -5 .. 5;
        return !grep { !$near{$t->get('/gcra')->{header}{date}} } 1 .. 10;
    }, 10, 'workers that see the clock step');
    return;
}

$t->write_file('shift', 0);
start();
my $begin = now();
my %wait;
for my $zone (sort keys %zones) {
    is statuses($zone, 'k', 4), '200 200 200 429', "$zone: used up";
    $wait{$zone} = wait_of($zone, 'k');
}

my $day = 86_400;
for my $step (5 * $day, 40 * $day, 1, -3 * $day, -400 * $day, 0) {
    set_clock($step);
    for my $zone (grep { $_ ne 'rate' } sort keys %zones) {
        is statuses($zone, 'k', 2), '429 429', "$step s: $zone: used up still";
        my $passed = now() - $begin;
        my $wait = wait_of($zone, 'k');
        ok abs($wait{$zone} - $passed - $wait) <= 2, "$step s: $zone: for as long as before, less the time that has passed";
        is statuses($zone, "at$step", 4), '200 200 200 429', "$step s: $zone: and as ever for others";
    }
    $t->reload_nginx;
}
is statuses('rate', 'new', 4), '200 200 200 429', 'a rate as ever';

$t->stop_nginx;
$t->write_file('shift', 3 * $day);
start();
is statuses('file', 'k', 2), '429 429', 'of a file over a restart and a step: used up still, on the same boot';
my $passed = now() - $begin;
ok abs($wait{file} - $passed - wait_of('file', 'k')) <= 2, 'for as long as before';
$t->done;
