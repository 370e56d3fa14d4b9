#!/usr/bin/perl
# Sources of kind http whose apps answer with anything: each breaks one source, never time nor memory.

use v5.36;
use lib 't/lib';
use Compress::Zlib ();
use Gatehouse;
use Gatehouse::JsonApp;
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $app = Gatehouse::JsonApp->start($t->port(1), $t->dir('app'));

sub ok_with ($body, @fields) { return join "\r\n", 'HTTP/1.1 200 OK', @fields, '', $body }
my $bomb = Compress::Zlib::memGzip('[' . ' ' x 200_000_000 . ']');

# name => [what is sent, then, what source list says, options]
my %case = (
    'status' => ["HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", '', qr/^the answer has the status 500$/],
    'no-content' => ["HTTP/1.1 204 None\r\n\r\n", '', qr/^the answer has the status 204$/],
    'empty' => [ok_with('', 'Content-Length: 0'), '', qr/: line 1, column 1: the document ends too early$/],
    'page' => [ok_with('<html>'), '', qr/: line 1, column 1: this is no JSON value$/],
    'cut' => [ok_with('[{"n":1},'), '', qr/: line 1, column 10: the document ends too early$/],
    'nan' => [ok_with('[{"n":NaN}]'), '', qr/: line 1, column 7: this is no JSON value$/],
    'infinity' => [ok_with("[\n{\"n\":-Infinity}]"), '', qr/: line 2, column 7: this is no JSON value$/],
    'zero' => [ok_with('[{"n":007}]'), '', qr/: line 1, column 8: a number begins with 0$/],
    'twice' => [ok_with('[{"n":1,"\u006e":2}]'), '', qr/: line 1, column 17: the name "n" is there twice$/],
    'behind' => [ok_with('[{"n":1}] 1'), '', qr/: line 1, column 11: there is more behind the document$/],
    'latin' => [ok_with("[{\"n\":\"\xE9\"}]"), '', qr/: line 1, column 8: not UTF-8$/],
    'utf16' => [ok_with("\xFF\xFE[\0"), '', qr/: line 1, column 1: this is no JSON value$/],
    'nul' => [ok_with("[{\"n\":\"a\0b\"}]"), '', qr/: a control character in a string$/],
    'surrogate' => [ok_with('[{"n":"\ud800"}]'), '', qr/: half of a surrogate pair$/],
    'escape' => [ok_with('[{"n":"\x41"}]'), '', qr/: an escape that JSON does not have$/],
    'deep' => [ok_with('[' x 100_000), '', qr/: row 1 is an array, not an object$/],
    'deeper' => [ok_with('{"n":' . '[' x 100_000), '', qr/: nested deeper than 64 levels$/],
    'wide' => [ok_with('{' . join(',', map { "\"c$_\":1" } 1 .. 20_000) . '}'), '', qr/: an object has more than 10000 members$/],
    'numbers' => [ok_with('[1,2,3]'), '', qr/: row 1 is a number, not an object$/],
    'scalar' => [ok_with('"n"'), '', qr/: the rows are a string, not an array of objects or an object/],
    'pointer' => [ok_with('{"data":[{"n":1}]}'), '', qr{: "rows": the document has nothing at "/data/0/x"$}, rows => '/data/0/x'],
    'short' => [ok_with('[{"n":1}]', 'Content-Length: 3'), '', qr/: line 1, column 4: the document ends too early$|name in quotes/],
    'long' => [ok_with('[{"n":1}]', 'Content-Length: 900'), '', qr/partial|closed|transferred/i],
    'chunks' => [ok_with("FFFFFFFFFFFFFFFFFFFF\r\n[]", 'Transfer-Encoding: chunked'), '', qr/chunk|receiv|illegal|hex/i],
    'old' => ['[{"n":1}]', '', qr/HTTP\/0\.9|protocol/i],
    'hangup' => ['', '', qr/nothing|empty/i],
    'header' => ["HTTP/1.1 200 OK\r\n" . join('', map { "X-$_: " . 'x' x 1000 . "\r\n" } 1 .. 1000) . "\r\n[]", '',
        qr/^the answer's header has more than 262144 bytes$/],
    'gzip' => [ok_with('[{"n":1}]', 'Content-Encoding: gzip'), '', qr/encoding/i],
    'bomb' => [ok_with($bomb, 'Content-Encoding: gzip', 'Content-Length: ' . length $bomb), '', qr/^the answer has more than 1048576 bytes$/],
    'announced' => [ok_with('[', 'Content-Length: 1073741824'), 'flood', qr/^the answer has more than 1048576 bytes$/],
    'flood' => [ok_with('['), 'flood', qr/^the answer has more than 1048576 bytes$/],
    'trickle' => [ok_with('['), 'trickle', qr/time|timeout/i, timeout => '300ms'],
    'silent' => ["HTTP/1.1 200 OK\r\nX-", 'trickle', qr/time|timeout/i, timeout => '300ms'],
    'inward' => ["HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n", '',
        qr/^the address is out of bounds: it is link-local$/, redirects => 2],
    'scheme' => ["HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", '', qr/protocol/i, redirects => 2],
    'types' => [ok_with('[{"n":"x"}]'), '', undef, types => {n => 'INTEGER'}],
    'none' => [ok_with('[]'), '', undef],
);

my (%source, %cards);
for my $name (keys %case) {
    my (undef, undef, undef, %option) = @{$case{$name}};
    my $rows = $option{rows} ? '{"data":[{"x":{"n":1}}]}' : '[{"n":1}]';
    $app->serve($name => $rows);
    $source{$name} = {kind => 'http', url => $app->url($name), allow_private => JSON::PP::true, every => '200ms',
        max_size => '1m', timeout => '5s', %option};
    $cards{$name} = {path => "/$name", sql => "select n from \"$name\"", shape => 'value', max_age => '600s'};
}
$app->serve(good => '[{"n":1}]');
$source{good} = {kind => 'http', url => $app->url('good'), allow_private => JSON::PP::true, every => '100ms'};
$cards{good} = {path => '/good', sql => 'select n from good', shape => 'value'};
$t->sidecar_config({engine => {memory_limit => '256m'}, sources => \%source, cards => \%cards});
$t->start_sidecar;

sub states () { return map { $_->{name} => $_ } @{$t->ctl_json('source', 'list')->{sources}} }
sub shown () { return map { $_->{name} => $_ } @{$t->ctl_json('card', 'list')->{cards}} }
sub value ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub peak_kib () { return Gatehouse::read_file('/proc/' . $t->sidecar_pid . '/status') =~ /^VmHWM:\s+(\d+)/m ? $1 : die }

wait_for(sub { my %card = shown(); !grep { !$card{$_}{generation} } keys %cards }, 30, 'first documents');
my $before = peak_kib();

$app->raw($_ => @{$case{$_}}[0, 1]) for keys %case;
$app->serve(good => '[{"n":2}]');
for my $name (sort grep { $case{$_}[2] } keys %case) {
    my $message = '';
    my $found = eval { wait_for(sub { my %state = states(); ($message = $state{$name}{error} // '') =~ $case{$name}[2] }, 15, $name) };
    ok $found, "$name: $case{$name}[2]" or diag "$name says: $message";
}
my %card = shown();
for my $name (sort keys %case) {
    wait_for(sub { %card = shown(); $card{$name}{failure} }, 15, "failure of $name");
    like $card{$name}{failure}{error}, qr/^source "$name": /, "$name: the card says which source it is" if $name ne 'types';
    is value($name), 1, "$name: and keeps its data";
}
like $card{types}{failure}{error}, qr/Could not convert|Conversion/i, 'a value that has not its declared type is the card\'s failure';
like $card{none}{failure}{error}, qr/no rows, so nobody knows its columns; declare them in "columns"/, 'nor can columns be guessed from no rows';
is value('good'), 2, 'a good source does not suffer';
is $card{good}{state}, 'fresh', 'nor is its card late';
cmp_ok peak_kib() - $before, '<', 100 * 1024, 'memory: less than 100 MB more at its peak';

$app->serve($_ => $source{$_}{rows} ? '{"data":[{"x":{"n":3}}]}' : '[{"n":3}]') for keys %case;
for my $name (sort keys %case) {
    ok eval { wait_for(sub { value($name) eq '3' }, 30, "recovery of $name") }, "$name: recovers";
}

# --- where sources may lead ---
for my $url ('http://169.254.169.254/', 'http://[::ffff:169.254.169.254]/', 'http://127.0.0.1:9/', 'http://localhost.:9/',
    'http://2130706433:9/', 'http://0x7f.1:9/', 'http://[::1]:9/', 'http://10.0.0.1/') {
    $t->sidecar_config({sources => {far => {kind => 'http', url => $url, every => '100ms', timeout => '2s'}}, cards => {}});
    $t->reload_sidecar;
    my $message = '';
    ok eval { wait_for(sub { my %state = states(); ($message = $state{far}{error} // '') =~ /^the address is out of bounds|resolve/ }, 10, $url) },
        "$url is out of bounds" or diag $message;
}
$t->done;
