#!/usr/bin/perl
# Quotas against the Python package that flask-limiter counts with: its grammar, its decisions.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
my $replay = "$t->{build}/gatehouse_limit_replay";
plan skip_all => "needs $replay, which scripts/build.sh --tests builds" if !-x $replay;
plan skip_all => 'needs python3-limits' if !-e '/usr/lib/python3/dist-packages/limits/__init__.py';

# Debian's package belongs to its own python3, whatever else is first in PATH.
for my $case (qw(grammar fixed gcra sliding)) {
    my ($status, $out, $err) = $t->run_program(
        ['/usr/bin/python3', "$FindBin::Bin/lib/compare_with_limits.py", $replay, $case]);
    is($status, 0, "$case: as python3-limits") or diag $out, $err;
}
$t->done;
