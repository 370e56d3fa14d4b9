#!/usr/bin/perl
# Datasets: uploads that replace and add, by whom and of what; refused ones, cut ones, many at once; nothing but whole ones is ever seen.

use v5.36;
use lib 't/lib';
use IO::Socket::UNIX;
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

my $t = Gatehouse->new;
plan skip_all => 'needs the module, the sidecar and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

my $secret = 'a secret of more than thirty-two bytes';
chmod 0600, $t->write_file('secret', $secret);
my $config = {
    sources => {
        plain => {kind => 'dataset'},
        typed => {kind => 'dataset', columns => {id => 'BIGINT', label => 'VARCHAR'}},
        small => {kind => 'dataset', max_size => '1k'},
        many => {kind => 'dataset'},
    },
    cards => {
        plain => {path => '/plain', sql => 'select * from plain', shape => 'records'},
        typed => {path => '/typed', sql => 'select * from typed order by id', formats => ['csv', 'json']},
        many => {path => '/many', sql => 'select count(*)::int as n, count(distinct n)::int as d from many'},
    }};
$t->sidecar_config($config);
$t->start_sidecar;
$t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        client_max_body_size 0;
        location / { gate_board on; }
        location /gatehouse/api/ {
            gate_auth jwt;
            gate_jwt_key secret=%%DIR%%/secret alg=HS256;
            proxy_set_header Gate-Identity $gate_identity;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://unix:%%API%%:;
        }
    }
END
$t->start_nginx;

my $all = '/gatehouse/api/v1/datasets';
my $scopes = join ' ', map { "write:$_" } qw(plain typed small many none);
sub bearer ($scope) { return "Bearer " . hs256({sub => 'ada', scope => $scope, exp => time + 600}, $secret) }
sub api ($method, $name, $body = undef, %option) {
    my %header = (Authorization => bearer($option{scope} // $scopes));
    $header{'Content-Type'} = $option{type} // 'text/csv' if defined $body;
    $header{'Idempotency-Key'} = $option{key} if defined $option{key};
    return $t->request({method => $method, path => defined $name ? "$all/$name" : $all, headers => \%header,
        defined $body ? (body => $body) : ()});
}
sub rows_of ($name) { return decode_json(api('GET', $name)->{body})->{rows} }
sub left_over () { return glob($t->dir('datasets/.incoming/*')) }

# --- by whom ---
is $t->request({method => 'PUT', path => "$all/plain", body => "a\n1\n", headers => {'Content-Type' => 'text/csv'}})->{status}, 401, 'from nobody: 401';
my $answer = api('PUT', 'plain', "a\n1\n", scope => 'read write write:plain2');
is $answer->{status}, 403, 'without the scope: 403';
like $answer->{header}{'www-authenticate'}, qr/error="insufficient_scope", scope="write:plain"/, 'which names it';
is api('PUT', 'none', "a\n1\n")->{status}, 404, 'one that is not declared: 404';
is api('PUT', 'none', "a\n1\n", scope => 'read')->{status}, 403, 'which nobody is told who may not write it';
is api('PATCH', 'plain')->{status}, 405, 'another method: 405';
is api('GET', 'plain')->{status}, 200, 'who may write it may look';
is api('GET', 'plain', undef, scope => 'read:plain')->{status}, 200, 'as may who may read it';
is api('GET', 'plain', undef, scope => 'read:typed')->{status}, 403, 'and nobody else';
is_deeply [map { $_->{name} } @{decode_json(api('GET', undef, undef, scope => 'read:typed write:plain')->{body})->{datasets}}],
    ['plain', 'typed'], 'a list has those that the caller may see';

# --- in which words ---
api('PUT', 'small', "a\n1\n2\n");
for (['DELETE', 'run=7'], ['DELETE', 'run'], ['PUT', 'name=x'], ['POST', 'param.a=1'], ['POST', 'append=']) {
    my ($method, $query) = @$_;
    my $refused = api($method, "small?$query", $method eq 'DELETE' ? undef : "a\n3\n");
    is $refused->{status}, 400, "$method with $query: 400, as the dataset has no runs";
    is_deeply decode_json($refused->{body})->{'invalid-params'},
        [{name => $query =~ s/=.*//r, reason => 'is not known here: the dataset has no runs'}], 'and says so';
}
is rows_of('small'), 2, 'nothing was done';
is api('DELETE', 'small')->{status}, 204, 'without a word too many it is dropped';

# --- of what ---
is api('PUT', 'plain', 'x', type => $_)->{status}, 415, "'$_': 415" for 'text/plain', 'application/json', 'text/csvx', '';
$answer = api('PUT', 'plain', "time,value\n1,0.5\n2,0.25\n");
is $answer->{status}, 200, 'a CSV';
is decode_json($answer->{body})->{rows}, 2, 'of two rows';
is $t->wait_for_answer('/plain')->{body}, '[{"time":1,"value":0.5},{"time":2,"value":0.25}]', 'its card is computed at once';
is api('POST', 'plain', "{\"time\":3,\"value\":1}\n{\"value\":2.5,\"time\":4}\n", type => 'application/x-ndjson; charset=utf-8')->{status}, 200,
    'NDJSON is added';
my $four = '[{"time":1,"value":0.5},{"time":2,"value":0.25},{"time":3,"value":1},{"time":4,"value":2.5}]';
my $is_four = sub ($response) { $response->{body} =~ s/1\.0\b/1/gr eq $four };
ok $t->wait_for_answer('/plain', $is_four), 'to what was there';
my ($parquet) = sort glob $t->dir('datasets/plain/*.parquet');
is api('POST', 'plain', read_file($parquet), type => 'application/vnd.apache.parquet')->{status}, 200, 'Parquet is added';
is rows_of('plain'), 6, 'which makes six';
my $told = decode_json(api('GET', 'plain')->{body});
is_deeply $told->{columns}, [{name => 'time', type => 'BIGINT'}, {name => 'value', type => 'DOUBLE'}], 'their columns are told';

# --- refused whole ---
my %bad = (
    'a line too long' => "time,value\n1,2\n3,4,5\n",
    'another column' => "time,other\n1,2\n",
    'a column too few' => "time\n1\n",
    'a column too many' => "time,value,more\n1,2,3\n",
    'words for numbers' => "time,value\none,2\n",
    'fractions for whole numbers' => "time,value\n1.5,2\n",
    'no line' => "\n",
    'nothing' => '',
    'bytes' => "\0\1\2\3" x 40,
);
for my $what (sort keys %bad) {
    my $refused = api('POST', 'plain', $bad{$what});
    is $refused->{status}, 422, "$what: 422" or diag $refused->{body};
    unlike $refused->{body}, qr/\Q$t->{dir}\E|incoming/, 'which names no file of ours';
}
is api('POST', 'plain', "PAR1 is no more than that", type => 'application/vnd.apache.parquet')->{status}, 422, 'broken Parquet: 422';
is api('POST', 'plain', "{\"time\":1,\"val", type => 'application/x-ndjson')->{status}, 422, 'half a line of JSON: 422';
my %lines = ('a number' => "1\n2\n", 'an array' => "[{\"time\":1,\"value\":1}]\n", 'NaN' => "{\"time\":1,\"value\":NaN}\n");
for my $what (sort keys %lines) {
    my $refused = api('POST', 'plain', $lines{$what}, type => 'application/x-ndjson');
    is $refused->{status}, 422, "NDJSON with $what in a line: 422";
    like $refused->{body}, qr/line 1\b/, 'which says where';
}
is rows_of('plain'), 6, 'nothing of them is kept';
is_deeply [left_over()], [], 'nor lies about';

# --- declared columns ---
is api('PUT', 'typed', "label,id\n007,1\n1e5,2\n")->{status}, 200, 'columns may come in another order';
is $t->wait_for_answer('/typed?format=csv')->{body} =~ s/\r//gr, "id,label\n1,007\n2,1e5\n", 'and text that looks like a number stays text';
my $missing = api('PUT', 'typed', "id\n1\n");
is $missing->{status}, 422, 'one that is missing: 422';
like $missing->{body}, qr/the column \\"label\\" is missing/, 'which is named';

# --- once ---
$answer = api('POST', 'plain', "time,value\n9,9\n", key => 'k-1');
is $answer->{status}, 200, 'with an Idempotency-Key';
my $again = api('POST', 'plain', "time,value\n9,9\n", key => 'k-1');
is $again->{body}, $answer->{body}, 'the same again is answered the same';
is $again->{header}{'idempotency-replayed'}, 'true', 'and told from the first';
is rows_of('plain'), 7, 'and not done again';
is api('POST', 'plain', "time,value\n8,8\n", key => 'k-1')->{status}, 422, 'another upload under that key: 422';
is api('PUT', 'plain', "time,value\n9,9\n", key => 'k-1')->{status}, 422, 'or to replace: 422';
is api('PUT', 'plain', "a\n1\n", key => $_)->{status}, 400, 'a key that is none: 400' for 'x' x 256, "a b";

# --- too large ---
is api('PUT', 'small', "a\n" . "1\n" x 600)->{status}, 413, 'over max_size: 413';
$answer = $t->request("PUT $all/small HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: @{[bearer($scopes)]}\r\nContent-Type: text/csv\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n" . join('', map { "100\r\n" . 'x' x 256 . "\r\n" } 1 .. 100) . "0\r\n\r\n");
is $answer->{status}, 413, 'also in the midst of one whose length is not known';
is rows_of('small'), 0, 'and nothing is kept';

# --- cut at every byte ---
my $put = "PUT $all/plain HTTP/1.1\r\nHost: x\r\nAuthorization: @{[bearer($scopes)]}\r\nContent-Type: text/csv\r\n";
my $body = "time,value\n100,1\n101,2\n";
for my $bytes (0 .. length($body) - 1) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die $!;
    print {$socket} $put . 'Content-Length: ' . length($body) . "\r\n\r\n" . substr($body, 0, $bytes);
    $socket->flush;
    close $socket;
}
is api('GET', 'plain')->{status}, 200, 'after uploads that were cut at every byte';
is rows_of('plain'), 7, 'nothing of them is seen';
ok wait_for(sub { !left_over() }, 10, 'an empty directory'), 'nor lies about';

# --- a hundred at once ---
my @sockets = map {
    my $n = $_;
    my $text = "n\n" . join('', map { "$n\n" } 1 .. 100);
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die $!;
    print {$socket} "POST $all/many HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: @{[bearer($scopes)]}\r\nContent-Type: text/csv\r\n"
        . 'Content-Length: ' . length($text) . "\r\n\r\n$text";
    $socket->flush;
    $socket;
} 1 .. 100;
my %status;
for my $socket (@sockets) {
    local $/;
    my $text = readline($socket) // '';
    ++$status{$text =~ m{^HTTP/1.1 (\d+)} ? $1 : 'none'};
}
is_deeply \%status, {200 => 100}, 'a hundred uploads at once';
is rows_of('many'), 10_000, 'are all there';
is $t->wait_for_answer('/many', sub ($response) { $response->{body} =~ /10000/ }, 20)->{body}, '[{"n":10000,"d":100}]', 'each of them whole';
cmp_ok scalar(() = glob $t->dir('datasets/many/*.parquet')), '<=', 64, 'in few files';

# --- by gatehousectl ---
my $file = $t->write_file('up.csv', "time,value\n1,1\n");
my ($exit, $out, $err) = $t->ctl('dataset', 'put', 'plain', $file);
is "$exit $out", "0 plain: 1 rows, now 1\n", 'gatehousectl dataset put' or diag $err;
($exit, $out, $err) = $t->ctl('dataset', 'put', 'plain', $file, '--append');
is $out, "plain: 1 rows, now 2\n", '--append';
my $big = $t->write_file('big.ndjson', join '', map { "{\"time\":$_,\"value\":0.5}\n" } 1 .. 100_000);
($exit, $out, $err) = $t->ctl('dataset', 'put', 'plain', $big);
is $out, "plain: 100000 rows, now 100000\n", 'of several pieces' or diag $err;
($exit, $out, $err) = $t->ctl('dataset', 'put', 'plain', $t->write_file('bad.csv', "time,value\n1\n2,3,4\n"), '--append');
is $exit, 1, 'a bad one fails' or diag "$out$err";
($exit, $out, $err) = $t->ctl('dataset', 'put', 'nothing', $file);
is $exit, 1, 'as does one for nobody';
like +($t->ctl('dataset', 'list'))[1], qr/^plain\s+100000\s/m, 'gatehousectl dataset list';
is +($t->ctl('dataset', 'drop', 'plain'))[1], "plain: dropped\n", 'gatehousectl dataset drop';
is rows_of('plain'), 0, 'leaves nothing';
is +($t->ctl('dataset', 'drop', 'plain'))[1], "plain: was empty\n", 'which is told';
is api('DELETE', 'many')->{status}, 204, 'DELETE';
is rows_of('many'), 0, 'too';

# --- memory ---
my $wide = join(',', map { "c$_" } 1 .. 5000) . "\n" . join(',', 1 .. 5000) . "\n";
is api('PUT', 'plain', $wide)->{status}, 200, 'five thousand columns';
$t->sidecar_config({%$config, sources => {%{$config->{sources}}, late => {kind => 'dataset'}}, engine => {memory_limit => '16m', process_memory_limit => '3g'}});
$t->reload_sidecar;
my $too_wide = api('PUT', 'plain', $wide);
is $too_wide->{status}, 413, 'are too many for the memory that a reload leaves them' or diag $too_wide->{body};
is api('PUT', 'late', "n\n1\n", scope => 'write:late')->{status}, 200, 'a dataset that comes with a reload takes uploads';
unlike $too_wide->{body}, qr/in-memory mode|memory_limit/, 'which speaks of the upload';
$t->sidecar_config($config);
$t->reload_sidecar;

# --- a restart ---
is api('PUT', 'typed', "id,label\n5,five\n", key => 'k-2')->{status}, 200, 'before a restart';
$t->kill_sidecar('TERM');
$t->start_sidecar;
ok wait_for(sub { api('GET', 'typed')->{status} == 200 }, 10, 'the key of identities'), 'after it';
is rows_of('typed'), 1, 'all is there';
is api('PUT', 'typed', "id,label\n5,five\n", key => 'k-2')->{header}{'idempotency-replayed'}, 'true', 'keys are, too';
$t->done;
