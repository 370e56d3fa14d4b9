#!/usr/bin/perl
# CSV files that are not what they should be: each card says why, in these words, and keeps its last good data.

use v5.36;
use lib 't/lib';
use Encode qw(encode);
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

# name => [bytes, what the card says or gives, options of the source]
my %bad = (
    'nul' => ["n,s\n1,a\n\0,b\n", qr/: has a NUL byte in line 3/],
    'nul-in-header' => ["n\0,s\n1,a\n", qr/: has a NUL byte in line 1/],
    'nul-only' => ["\0" x 4096, qr/: has a NUL byte in line 1/],
    'ragged-short' => ["n,s\n1,a\n2\n", qr/: line 3 has 1 columns, the first has 2/],
    'ragged-long' => ["n,s\n1,a\n2,b,c\n", qr/: line 3 has 3 columns, the first has 2/],
    'utf16-le' => ["\xFF\xFE" . encode('UTF-16LE', "n,s\n1,a\n"), qr/: is UTF-16; say so with "encoding"/],
    'utf16-be' => ["\xFE\xFF" . encode('UTF-16BE', "n,s\n1,a\n"), qr/: is UTF-16/],
    'latin-1' => ["n,s\n1,caf\xE9\n", qr/: line 2.*latin-1/],
    'mixed' => ["n,s\n1,caf\xC3\xA9\n2,caf\xE9\n", qr/: line 3.*latin-1/],
    'empty' => ['', qr/: is empty; whoever writes it should write another file and rename it/],
    'blank' => ["\n\r\n\n", qr/no line that is not empty/],
    'unclosed' => [qq{n,s\n1,"a\n2,b\n}, qr/quote/],
    'quote-in-field' => [qq{n,s\n1,"a"b\n}, qr/quote/],
    'columns' => [join(',', map { "c$_" } 1 .. 100_000) . "\n" . join(',', (1) x 100_000) . "\n", qr/needs more memory than "engine" allows/],
    'twice' => ["n,n\n1,2\n", qr/Referenced column "s" not found/],
    'other-columns' => ["x,y\n1,2\n", qr/Referenced column "[ns]" not found/],
    'long-line' => ["n,s\n1," . 'x' x 3_000_000 . "\n", qr/line 2 is longer than 2000000 bytes/],
    'binary' => [join('', map { chr } 1 .. 255) x 100, qr/./],
    'html' => ["<!doctype html>\n<html><body>502 Bad Gateway</body></html>\n", qr/Referenced column "[ns]" not found/],
    'not-a-number' => ["n,s\n1,a\nx,b\n", qr/./, columns => {n => 'BIGINT', s => 'VARCHAR'}],
    'too-large' => ["n,s\n1,a\n99999999999999999999,b\n", qr/./, columns => {n => 'BIGINT', s => 'VARCHAR'}],
    'date' => ["n,s\n1,2026-02-30\n", qr/./, columns => {n => 'BIGINT', s => 'DATE'}],
    'missing' => [undef, qr/: no such file; create it/],
);
my %good = (
    'mark' => ["\xEF\xBB\xBFn,s\n7,a\n", '7'],
    'crlf' => ["n,s\r\n7,a\r\n", '7'],
    'cr' => ["n,s\r7,a\r", '7'],
    'no-end' => ["n,s\n7,a", '7'],
    'header-only' => ["n,s\n", '0', types => {n => 'BIGINT', s => 'VARCHAR'}],
    'quoted-lines' => [qq{n,s\n7,"a\nb ""c"" ,"\n}, '7'],
    'emoji' => ["n,s\n7,\xF0\x9F\x98\x80\n", '7'],
    'declared-utf16' => ["\xFF\xFE" . encode('UTF-16LE', "n,s\n7,a\n"), '7', encoding => 'utf-16'],
    'declared-latin-1' => ["n,s\n7,caf\xE9\n", '7', encoding => 'latin-1'],
    'semicolons' => ["n;s\n7;a\n", '7'],
    'tabs' => ["n\ts\n7\ta\n", '7'],
);
my %case = (%bad, %good);

my (%source, %cards);
for my $name (keys %case) {
    my (undef, undef, %option) = @{$case{$name}};
    my $first = "n,s\n1,2026-01-01\n";
    $first = $option{encoding} eq 'utf-16' ? "\xFF\xFE" . encode('UTF-16LE', $first) : $first if $option{encoding};
    $t->write_file("$name.csv", $first);
    $source{$name} = {kind => 'csv', path => "%%DIR%%/$name.csv", %option};
    $cards{$name} = {path => "/$name", shape => 'value', max_age => '600s',
        sql => "select coalesce(sum(n), 0)::bigint from \"$name\" where s is not null"};
}
$t->write_file('live.csv', "n\n1\n");
$source{live} = {kind => 'csv', path => '%%DIR%%/live.csv'};
$cards{live} = {path => '/live', shape => 'value', sql => 'select sum(n)::bigint from live', refresh => '200ms'};
$t->sidecar_config({engine => {memory_limit => '256m'}, sources => \%source, cards => \%cards});
$t->start_sidecar;

sub cards () { return map { $_->{name} => $_ } @{$t->ctl_json('card', 'list')->{cards}} }
sub value ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
my %card;
wait_for(sub { %card = cards(); !grep { !$card{$_}{generation} } keys %cards }, 60, 'first data');

for my $name (keys %case) {
    defined $case{$name}[0] ? $t->write_file("$name.csv", $case{$name}[0]) : unlink $t->dir("$name.csv");
}
# One that failed only because another had taken the memory is tried again.
sub has_its_reason ($name) { return ($card{$name}{failure}{error} // '') =~ $bad{$name}[1] }
eval { wait_for(sub { %card = cards(); !grep { !has_its_reason($_) } keys %bad }, 60, 'failures') };
for my $name (sort keys %bad) {
    my $error = $card{$name}{failure}{error};
    like $error, $bad{$name}[1], "$name: the reason";
    like $error, qr/^source "$name": /, "$name: with the source" if $error !~ /^Referenced column/;
    unlike $error, qr/[\x00-\x1F\x7F]/, "$name: on one line";
    cmp_ok length $error, '<', 1000, "$name: not at length";
    is value($name), 1, "$name: the last good data stay";
}
for my $name (sort keys %good) {
    my $is = eval { wait_for(sub { value($name) eq $good{$name}[1] }, 30, $name) };
    ok $is, "$name: is read" or diag value($name), ' ', $card{$name}{failure}{error} // '';
}
$t->write_file('live.csv', "n\n2\n");
ok eval { wait_for(sub { value('live') eq '2' }, 30, 'live') }, 'a card beside them goes on';

# --- and back ---
for my $name (keys %bad) {
    $t->write_file("$name.csv", "n,s\n3,2026-01-01\n");
}
for my $name (sort keys %bad) {
    ok eval { wait_for(sub { value($name) eq '3' }, 30, "recovery of $name") }, "$name: recovers";
}
$t->done;
