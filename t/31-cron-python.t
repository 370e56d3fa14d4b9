#!/usr/bin/perl
# Runs of cron expressions around clock changes, against a minute-by-minute search with Python's zoneinfo.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
my $tool = "$t->{build}/gatehouse_cron_runs";
plan skip_all => "needs $tool" if !-x $tool;

# Debian's: other Pythons may bring zones of their own.
my @python = ('/usr/bin/python3', "$FindBin::Bin/lib/cron_runs.py");
my ($status, $cases, $error) = $t->run_program([@python, 'cases', 1, 420]);
is($status, 0, 'cases around clock changes in 14 zones') or diag $error;
my $file = $t->write_file('cases', $cases);

my @lines = split /\n/, $cases;
my @expected = runs(@python, 'runs');
my @found = runs($tool);
is(scalar @found, scalar @lines, 'an answer for each');
cmp_ok(length "@expected", '>', 50_000, 'the cases have runs');
my @differ = grep { $found[$_] ne $expected[$_] } 0 .. $#lines;
is(scalar @differ, 0, 'every expression runs when it should')
    or diag map { "$lines[$_]\n  expected $expected[$_]\n  found    $found[$_]\n" } @differ[0 .. ($#differ > 4 ? 4 : $#differ)];
$t->done;

sub runs (@program)
{
    my ($exit, $out, $err) = $t->run_program(['sh', '-c', '"$@" < ' . $file, 'sh', @program]);
    is($exit, 0, "$program[0] answers") or diag $err;
    chomp $out;
    return split /\n/, $out, -1;
}
