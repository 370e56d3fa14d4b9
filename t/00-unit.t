#!/usr/bin/perl
# The unit tests: every GoogleTest case that CTest knows, as one subtest per case.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use Test::More;

my $root = abs_path("$FindBin::Bin/..");
my $build = $ENV{GATEHOUSE_BUILD} // 'build/release';
$build = "$root/$build" unless $build =~ m{^/};

unless (-x "$build/gatehouse_core_test") {
    fail("the unit tests are built in $build");
    diag('scripts/build.sh --tests builds them');
    done_testing();
    exit;
}

open my $ctest, '-|', 'ctest', '--test-dir', $build, '--output-on-failure', '--timeout', '120'
    or die "ctest: $!";

my (@output, %seen);
while (my $line = <$ctest>) {
    push @output, $line;
    my ($name, $outcome) = $line =~ /^\s*\d+\/\d+ Test\s+#\d+: (\S+) \.*\s*(?:\*+)?\s*(\w[\w ]*?)\s+[\d.]+ sec/
        or next;
    $seen{$name} = 1;
    if ($outcome =~ /Skipped|Disabled/) {
        SKIP: { skip "$name: $outcome", 1 }
        next;
    }
    ok($outcome eq 'Passed', $name) or diag $outcome;
}
close $ctest;

is($?, 0, 'ctest succeeded') or diag @output;
cmp_ok(scalar keys %seen, '>', 0, 'it ran something');

done_testing();
