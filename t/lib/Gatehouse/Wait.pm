package Gatehouse::Wait;

# Waiting for a condition with a deadline, and never for a time.

use v5.36;
use Exporter 'import';
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT_OK = qw(wait_for now stretched);

sub now { return clock_gettime(CLOCK_MONOTONIC) }

# Deadlines are written for an idle machine, and stretched by GATEHOUSE_TIMEOUT_SCALE, 3 unless set:
# a busy one that is late is no failure.
sub stretched ($seconds) { return $seconds * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 3) }

# Calls $condition until it is true and returns what it returned; dies after $timeout seconds, stretched,
# naming $what.
sub wait_for ($condition, $timeout = 10, $what = 'a condition') {
    $timeout = stretched($timeout);
    my $deadline = now() + $timeout;
    while (1) {
        my $result = $condition->();
        return $result if $result;
        die "no $what within $timeout s\n" if now() >= $deadline;
        select undef, undef, undef, 0.01;
    }
}

1;
