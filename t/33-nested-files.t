#!/usr/bin/perl
# Files that are nested deeper than a stack has room for: the card or the upload is told why, the sidecar goes on, and starts again with them.

use v5.36;
use lib 't/lib';
use Gatehouse;
use IO::Compress::Gzip qw(gzip);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

sub varint ($value) { return $value < 128 ? chr $value : chr(0x80 | $value & 0x7f) . varint($value >> 7) }
# A footer in Thrift's compact protocol: version, schema (groups of one child each, and a leaf), no rows, no row groups.
sub parquet ($levels) {
    my $schema = "\xfc" . varint($levels + 2) . "\x48\x01g\x15\x02\x00" x ($levels + 1) . "\x15\x02\x25\x00\x18\x01v\x00";
    my $footer = "\x15\x02\x19$schema\x16\x00\x19\x0c\x00";
    return 'PAR1' . $footer . pack('V', length $footer) . 'PAR1';
}
sub zipped ($text) { gzip(\$text, \my $bytes) or die 'gzip'; return $bytes }

my $levels = 100_000;
my $good = qq([{"n":1}]\n);
my $said = qr/is nested deeper than 64 levels/;
my %case = (  # good bytes, bad ones, why
    'arrays.json' => [$good, '[' x $levels . ']' x $levels, $said],
    'objects.json' => [$good, '{"a":' x $levels . '1' . '}' x $levels, $said],
    'open.json' => [$good, '[' x $levels, $said],
    'lines.json' => [$good, qq({"n":1}\n) x 100 . '{"n":1,"a":' . '[' x $levels . "\n", $said],
    'zipped.json.gz' => [zipped($good), zipped('[' x $levels), $said],
    'groups.parquet' => [undef, parquet($levels), qr/its columns are nested in more than 64 groups/],
);
my (%source, %cards);
for my $file (sort keys %case) {
    my ($name, $kind) = $file =~ /^(\w+)\.(json|parquet)/;
    $t->write_file($file, $case{$file}[0] // $case{$file}[1]);
    $source{$name} = {kind => $kind, path => "%%DIR%%/$file"};
    $cards{$name} = {path => "/$name", sql => "select * from $name"};
}
$t->write_file('live.csv', "n\n1\n");
$t->sidecar_config({cards => {%cards, live => {path => '/live', shape => 'value', sql => 'select n from live'}},
    sources => {%source, live => {kind => 'csv', path => '%%DIR%%/live.csv'}, put => {kind => 'dataset'}}});
$t->start_sidecar;

sub error_of ($name) {
    my ($card) = grep { $_->{name} eq $name } @{$t->ctl_json('card', 'list')->{cards}};
    return $card->{failure}{error} // '';
}
sub value ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub all_say_why ($when) {
    for my $file (sort keys %case) {
        my $name = $file =~ s/\..*//r;
        ok eval { wait_for(sub { error_of($name) =~ $case{$file}[2] }, 60, $name) }, "$file, $when: says why" or diag error_of($name);
    }
    return;
}

wait_for(sub { value($_) eq '[{"n":1}]' }, 30, $_) for qw(arrays objects open lines zipped);
my $pid = $t->sidecar_pid;
$t->write_file($_, $case{$_}[1]) for keys %case;
all_say_why('replaced');
is value('arrays'), '[{"n":1}]', 'the last good data stay';

my $file = $t->write_file('upload.parquet', parquet(20_000));
my ($exit, undef, $error) = $t->ctl('dataset', 'put', 'put', $file);
isnt $exit, 0, 'an upload of a deep schema is refused';
like $error, qr/its columns are nested in more than 64 groups/, 'and is told why';

$t->write_file('live.csv', "n\n2\n");
ok eval { wait_for(sub { value('live') eq '2' }, 30, 'live') }, 'a card beside them goes on';
ok kill(0 => $pid), 'in the same process';

$t->stop_sidecar;
unlink $t->board_path;
$t->start_sidecar;
all_say_why('at a start');
ok eval { wait_for(sub { value('live') eq '2' }, 30, 'live') }, 'and the others are there';
$t->done;
