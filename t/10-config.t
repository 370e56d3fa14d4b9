#!/usr/bin/perl
# gatehoused -t: every file of t/config/good is accepted, every one of t/config/bad refused in the expected words.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(basename);
use Test::More;
use Gatehouse;

my $root = Gatehouse::root();
my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused' if !$t->built('sidecar');

my $gatehoused = $t->build . '/gatehoused';
delete @ENV{qw(NO_COLOR GATEHOUSE_TEST_UNSET)};

for my $file (glob("$root/t/config/good/*.json"), "$root/conf/gatehouse.json", "$root/conf/gatehouse.minimal.json") {
    accepted($file);
}
for my $file (glob("$root/t/config/bad/*.json")) {
    refused($file);
}
hostile();
$t->done;

# Accepted; and what -T prints is a configuration that means the same.
sub accepted ($file) {
    my $name = basename($file);
    my ($exit, $out, $err) = $t->run_program([$gatehoused, '-t', '-c', $file]);
    is($exit, 0, "$name is accepted") or diag $err;
    my (undef, $dump) = $t->run_program([$gatehoused, '-T', '-c', $file]);
    my $copy = $t->write_file('dump.json', $dump);
    my ($again, $same, $why) = $t->run_program([$gatehoused, '-T', '-c', $copy]);
    is($again, 0, "$name: what -T prints is accepted") or diag $why;
    is($same, $dump, "$name: and prints itself");
    return;
}

sub refused ($file) {
    my $name = basename($file);
    my ($exit, $out, $err) = $t->run_program([$gatehoused, '-t', '-c', $file]);
    is($exit, 3, "$name is refused");
    is($out, '', "$name: nothing on standard output");
    my $directory = $file =~ s{[^/]*$}{}r;
    my $said = $err =~ s/\Q$directory\E//gr;
    my $expected = read_file($file =~ s/\.json$/.expected/r);
    is(substr($said, 0, length $expected), $expected, "$name: the message");
    return;
}

# Files that are no configuration by their size or kind: one clear line, soon.
sub hostile () {
    my %file = (
        'of 100 MB' => [[' ' x 100_000_000], qr/larger than 16m/],
        'of a million brackets' => [['[' x 1_000_000], qr/nested deeper than 64 levels/],
        'of a million values' => [['[', '0,' x 1_000_000, '0]'], qr/more than 500000 values/],
        'of a million unknown keys' => [
            ['{', (map { "\"k$_\":1," } 1 .. 400_000), '}'], qr/200 errors in 1 file/],
    );
    for my $what (sort keys %file) {
        my ($content, $message) = @{$file{$what}};
        my $path = $t->write_file('hostile.json', join '', @$content);
        my ($exit, undef, $err) = $t->run_program([$gatehoused, '-t', '-c', $path], timeout => 20);
        is($exit, 3, "a file $what is refused");
        like($err, $message, "a file $what: the message");
        cmp_ok(length $err, '<', 100_000, "a file $what: a short message");
        unlink $path;
    }
    my ($exit, undef, $err) = $t->run_program([$gatehoused, '-t', '-c', '/dev/zero']);
    is($exit, 3, 'a device is refused');
    like($err, qr/is not a regular file/, 'a device: the message');
    return;
}
