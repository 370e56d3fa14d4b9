#!/usr/bin/perl
# gatehousectl audit verify on files alone: logs that this test writes, changed in every way.
use v5.36;
use lib 't/lib';
use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehousectl' if !$t->built('ctl');
my $key = join '', map { chr(97 + $_ % 26) } 1 .. 40;
$t->write_file('key', "$key\n");
chmod 0600, $t->dir('key');

# Lines as docs/formats.md describes them.
my ($seq, $before) = (0, '0' x 64);
my $key_id = substr hmac_sha256_hex('gatehouse audit key', $key), 0, 16;
sub seal ($members) {
    my $body = '{"seq":' . ++$seq . ",$members";
    $before = hmac_sha256_hex($before . $body, $key);
    return "$body,\"hmac\":\"$before\"}";
}
sub start { return seal(qq("time":"2026-01-02T03:04:05.678Z","event":"start","reason":"boot","key":"$key_id","previous":"$before")) }
my @first = (start(), map { seal(qq("user":"u$_")) } 1 .. 6);
my @second = (start(), map { seal(qq("user":"v$_")) } 1 .. 6);

sub verify (@logs) {
    my $number = 0;
    my @files = map { $t->write_file('log.' . ++$number, join '', map { "$_\n" } @$_) } @logs;
    my ($exit, $out, $err) = $t->run_program(["$t->{build}/gatehousectl", 'audit', 'verify', '--key', $t->dir('key'), @files]);
    return "$exit " . ($out =~ m{^\S*/(log\.\d:\d+): }m ? $1 : $out =~ /as they were written/ ? 'good' : "$out$err");
}

is verify(\@first, \@second), '0 good', 'two files that follow each other';
is verify(\@second), '0 good', 'a file alone';
is verify(\@second, \@first), '1 log.2:1', 'in the wrong order';
is verify([@first[0 .. 5]], \@second), '1 log.2:1', 'the last line of a file before';
for my $i (0 .. $#first) {
    my $line = $i + 1;
    my @changed = @first;
    $changed[$i] =~ s/u|boot/x/;
    is verify(\@changed, \@second), "1 log.1:$line", "line $line changed";
    my @without = @first;
    splice @without, $i, 1;
    my $next = $i < $#first ? "log.1:$line" : 'log.2:1';
    is verify(\@without, \@second), "1 $next", "line $line taken out";
    my @twice = @first;
    splice @twice, $i, 0, $first[$i];
    my $second = $i < $#first ? 'log.1:' . ($line + 1) : 'log.1:8';
    is verify(\@twice, \@second), "1 $second", "line $line twice";
    my @with = @first;
    splice @with, $i, 0, '{"seq":' . $line . ',"user":"mallory","hmac":"' . ('a' x 64) . '"}';
    is verify(\@with, \@second), "1 log.1:$line", "a line put in before line $line";
    next if $i == $#first;
    my @swapped = @first;
    @swapped[$i, $i + 1] = @swapped[$i + 1, $i];
    is verify(\@swapped, \@second), "1 log.1:$line", "lines $line and " . ($line + 1) . ' swapped';
}
is verify([map { s/"user":"u3"/"user":"u3 "/r } @first]), '1 log.1:4', 'one blank more';
is verify(['not a log', @first]), '1 log.1:1', 'something else before it';
is verify([@first, 'something torn']), '1 log.1:8', 'a torn line at the end';

$t->write_file('key', 'x' x 40);
chmod 0600, $t->dir('key');
is verify(\@first), '1 log.1:1', 'another key';
chmod 0644, $t->dir('key');
like verify(\@first), qr/others than its owner may read/, 'a key that everybody may read';
$t->done;
