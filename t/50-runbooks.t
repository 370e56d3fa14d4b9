#!/usr/bin/perl
# The tables of "what is seen" and what to do: every deployment has one, every row a command, every command of ours exists.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehousectl' if !$t->built('ctl');
my $root = Gatehouse::root();

# The rows of tables whose first column is "what is seen".
sub rows ($file) {
    my ($in, @rows) = (0);
    for my $line (split /\n/, read_file("$root/$file")) {
        $in = 1 if $line =~ /^\| what is seen \|/;
        $in = 0 if $line !~ /^\|/;
        push @rows, $line if $in && $line !~ /^\| (?:what is seen )?\||^\|---/;
    }
    return @rows;
}

my %help;
sub help (@words) {
    return $help{"@words"} //= do {
        my ($exit, $out) = $t->run_program([$t->build . '/gatehousectl', @words, '--help']);
        $exit == 0 ? $out : '';
    };
}
# What is wrong with `gatehousectl …` as it is written; undef: nothing. Its commands and options are looked up, names of
# things are not.
sub wrong ($command) {
    my @words = split ' ', $command;
    shift @words;
    my @global;
    push @global, splice @words, 0, 2 while @words && $words[0] =~ /^-/;
    my @said;
    push @said, shift @words while @words && $words[0] =~ /^[a-z]+$/ && help(@said, $words[0]) =~ /^Usage: .*\b\Q$words[0]\E\b/m;
    return "no such command: $command" if !@said;
    my $group = help(@said) =~ /^SUBCOMMANDS|^Subcommands/mi;
    return "no such command: $command" if $group && @words;
    my $known = help(@said) . help();
    my ($option) = grep { $known !~ /(?<![\w-])\Q$_\E(?![\w-])/ } grep { /^-/ } @global, @words;
    return defined $option ? "no option $option: $command" : undef;
}
is_deeply [grep { !defined wrong($_) } 'gatehousectl nobody', 'gatehousectl card nobody', 'gatehousectl health --later', 'gatehousectl -x status'], [],
    'what does not exist is found';

my @examples = map { s{^\Q$root/\E}{}r } glob "$root/conf/examples/*/nginx.conf";
my @files = ('docs/operations.md', map { s/nginx\.conf/README.md/r } grep { !m{/history/} } @examples);
for my $file (@files) {
    my @rows = rows($file);
    cmp_ok scalar @rows, '>=', 7, "$file has a runbook";
    is_deeply [grep { (split /(?<!\\)\|/)[2] !~ /`/ } @rows], [], 'each row has a command that shows the cause';
}
for my $file (@files, map { s{^\Q$root/\E}{}r } glob "$root/docs/*.md") {
    my @commands = read_file("$root/$file") =~ /(?<!`)`(gatehousectl [^`\n]+)`/g;
    is_deeply [map { wrong($_) // () } @commands], [], "$file: " . @commands . ' commands, all of which exist';
}
$t->done;
