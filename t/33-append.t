#!/usr/bin/perl
# A CSV that grows row by row and in large chunks under a running sidecar, with torn lines, rotated, truncated and replaced.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP ();
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

my $path = $t->dir('log.csv');
sub append ($text) {
    open my $file, '>>', $path or die "$path: $!";
    print {$file} $text;
    close $file or die "$path: $!";
}
sub body ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub becomes ($sum, $what) {
    ok eval { wait_for(sub { body('sum') eq $sum }, 20, $what) }, "$what: $sum" or diag body('sum') . "\n" . $t->log_text('sidecar.log');
}

$t->write_file('log.csv', "n,text\n1,\"a\nb\"\n");
$t->sidecar_config({
    sources => {log => {kind => 'csv', path => '%%DIR%%/log.csv', append => JSON::PP::true}},
    cards => {
        sum => {path => '/sum', sql => 'select sum(n)::bigint as n from log', shape => 'value'},
        last => {path => '/last', sql => 'select * from log order by n desc limit 1'},
    }});
$t->start_sidecar;
becomes(1, 'what is there at the start');
my $sum = 1;
for my $n (2 .. 6) {
    append("$n,\"row $n\"\n");
    becomes($sum += $n, "row $n");
}
append("7,\"to");
append("rn\nin two\"");
append("\n8,whole\n9");
becomes($sum += 7 + 8, 'a line that came in three parts, and half of another');
append("0,x\n");
becomes($sum += 90, 'which was not what it looked like');
append(join '', map { "$_,\"many of them\"\n" } 1 .. 200_000);
becomes($sum += 200_000 * 200_001 / 2, 'a large chunk');
is body('last'), '[{"n":200000,"text":"manyofthem"}]', 'another card over it sees the same';

# --- rotated, as logrotate does: renamed, and another one in its place ---
rename $path, "$path.1" or die $!;
$t->write_file('log.csv', "n,text\n5,new\n");
becomes(5, 'rotated');
append("6,newer\n");
becomes(11, 'and grown');

# --- truncated in place, as with copytruncate, and grown beyond what was read of it ---
open my $file, '>', $path or die $!;
print {$file} "n,text\n70,after\n80,that\n90,and more of it\n";
close $file;
becomes(240, 'truncated');

# --- replaced by another of the same size ---
my $text = read_file($path) =~ s/^70/10/mr;
rename $t->write_file('other', $text), $path or die $!;
becomes(180, 'replaced by one of equal size');

# --- a row that does not fit ---
append("a lot,text\n");
wait_for(sub { $t->ctl_json('card', 'show', 'sum')->{failure} }, 20, 'the failure');
like $t->ctl_json('card', 'show', 'sum')->{failure}{error}, qr/^source "log": \Q$path\E: line 5: .*a lot/, 'an error that names the line';
is body('sum'), 180, 'what was there stays';
$t->write_file('log.csv', "n,text\n1,mended\n");
becomes(1, 'mended');

# --- a restart reads it anew ---
$t->stop_sidecar;
append("2,while nobody looked\n");
$t->start_sidecar;
becomes(3, 'after a restart');
append("3,later\n");
becomes(6, 'and on');
$t->done;
