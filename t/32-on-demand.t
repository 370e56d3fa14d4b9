#!/usr/bin/perl
# Cards with parameters and query options, through nginx and the API socket: answers, refusals, single flight, changes.

use v5.36;
use utf8;
use lib 't/lib';
use Encode qw(encode);
use Gatehouse;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

# Names with what LIKE, SQL, CSV and URLs would trip over; some values missing.
my @names = ('a', 'b%', "it's", 'x_y', 'ü', 'a b');
my @rows = map { {id => $_, name => $names[$_ * 7 % @names], value => ($_ * 37 % 100) / 8, day => sprintf('2024-02-%02d', 1 + $_ % 29)} } 0 .. 199;
$_->{value} = undef for @rows[3, 50, 51, 120];
sub csv (@list) { return encode 'UTF-8', join '', "id,name,value,day\n", map { join(',', $_->{id}, $_->{name}, $_->{value} // '', $_->{day}) . "\n" } @list }
$t->write_file('stats.csv', csv(@rows));

# One expression for each kind of column, that differs from row to row as little as its type lets it.
my %typed = (
    boolean => 'i % 2 = 0', integer => '9223372036854775807 - i', unsigned => '18446744073709551615::ubigint - i::ubigint',
    huge => '100000000000000000000::hugeint + (19 - i)', unsigned_huge => '100000000000000000000::uhugeint + (19 - i)::uhugeint',
    decimal => "('1.' || lpad((19 - i)::varchar, 20, '0'))::decimal(38, 20)", wide => '(10000000000000000000 + (19 - i))::decimal(38, 0)',
    float => '(0.1 + i)::real', double => '0.1 + i / 1e15', missing => 'case when i % 2 = 0 then i end',
    special => "case i when 3 then 'nan'::double when 4 then 'infinity'::double else i end",
    text => "' ' || i || E'\\n\\t\"'", uuid => "('00000000-0000-0000-0000-0000000000' || lpad((19 - i)::varchar, 2, '0'))::uuid",
    label => "(['a', 'b', 'c'][1 + i % 3])::enum('c', 'b', 'a')", date => "date '0001-01-05' - i::integer",
    forever => "case when i = 3 then 'infinity'::date else date '2024-01-01' + i::integer end",
    second => 'make_timestamp(1700000000000000 + (19 - i) * 1000000)::timestamp_s', millisecond => 'make_timestamp(1700000000000000 + (19 - i) * 1000)::timestamp_ms',
    microsecond => 'make_timestamp(1700000000000000 + (19 - i))', nanosecond => 'make_timestamp_ns(1700000000000000000 + (19 - i))',
    zoned => 'make_timestamp(1700000000000000 + (19 - i))::timestamptz');
my %cards = (
    (map { ("typed_$_" => {path => "/api/typed/$_", sql => "select i, $typed{$_} as v from range(20) t(i)", query => [qw(fields filter sort limit cursor)], key => 'i'}) } keys %typed),
    listed => {path => '/api/listed', sql => "select i, [i] as l, time '12:00' as t, repeat('x', 3000) as x from range(5) t(i)", query => [qw(sort limit cursor)], key => 'i'},
    of_card => {path => '/api/of_card/{n}', sql => 'select $n as n, count(*) as rows from rows', params => {n => 'integer'}, ttl => '1h'},
    of_time => {path => '/api/of_time/{n}', sql => 'select $n as n, now() as at', params => {n => 'integer'}, ttl => '1s'},
    of_file => {path => '/api/of_file/{n}', sql => 'select $n as n, count(*) as rows from fragile', params => {n => 'integer'}, ttl => '1h', shape => 'object'},
    named => {path => '/api/named/{name}', sql => 'select * from stats where name = $name and ($from is null or day >= $from) order by id',
        params => {name => {type => 'string', max_length => 8}, from => {type => 'date', default => undef}}, empty => 'not_found'},
    rows => {path => '/api/rows', sql => 'select * from stats order by id', query => [qw(fields filter sort limit cursor)], key => 'id'},
    thin => {path => '/api/thin', sql => 'select id, id as x from stats order by id', steps => [{downsample => {points => 100, method => 'every_nth'}}],
        query => ['points', 'fields']},
    slow => {path => '/api/slow/{n}', sql => 'select $n as n, sum(a.range * b.range % 7)::bigint as s from range(3000) a, range(20000) b',
        params => {n => 'integer'}, shape => 'object'},
    guarded => {path => '/api/guarded/{n}', sql => 'select $n as n', params => {n => 'integer'}, require => ['read']},
    broken => {path => '/api/broken/{n}', sql => 'select * from missing where id = $n', params => {n => 'integer'}},
    summed => {path => '/api/summed/{n}', sql => 'select i::double as v from range(50) t(i) where i < $n', params => {n => 'integer'}, max_rows => 10,
        steps => [{aggregate => {columns => ['v'], functions => ['sum', 'count']}}], empty => 'not_found'},
    whole => {path => '/api/whole', sql => 'select i::double as v, i as w from range(50) t(i)', max_rows => 10,
        steps => [{aggregate => {columns => ['v', 'w'], functions => ['sum', 'count']}}], query => ['fields', 'filter']},
    groups => {path => '/api/groups', sql => 'select i % 8 as g, i as v from range(50) t(i)', max_rows => 10, query => ['points'],
        steps => [{aggregate => {columns => ['v'], functions => ['sum'], by => ['g']}}, {downsample => {points => 6, method => 'minmax', columns => ['g']}}]},
    paged => {path => '/api/paged', sql => 'select * from paged', query => ['sort', 'limit', 'cursor'], key => 'id'},
    clash => {path => '/api/named/all', sql => 'select count(*) as n from stats', shape => 'value'},
);
$t->sidecar_config({sources => {stats => {kind => 'csv', path => '%%DIR%%/stats.csv'}, missing => {kind => 'csv', path => '%%DIR%%/missing.csv'},
    fragile => {kind => 'csv', path => '%%DIR%%/fragile.csv'}, paged => {kind => 'csv', path => '%%DIR%%/paged.csv'}}, cards => \%cards, on_demand => {keep_errors => '10m', max_waiting => 4}});
$t->write_file('fragile.csv', "n\n1\n");
sub pairs (%value_of) { return join '', "id,value\n", map { "$_,$value_of{$_}\n" } sort { $a <=> $b } keys %value_of }
my %value_of = (1 => 0, 2 => 10, 3 => 10, 4 => 20, 5 => 20, 6 => 30, 7 => 30, 8 => 40);
$t->write_file('paged.csv', pairs(%value_of));
$t->start_sidecar;
$t->nginx_conf(<<'CONF');
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; proxy_pass http://unix:%%DIR%%/api.sock:; }
}
CONF
$t->start_nginx;
$t->wait_for_answer('/api/rows');

sub escaped ($text) { return join '', map { /[A-Za-z0-9_.~-]/ ? $_ : sprintf '%%%02X', ord } split //, encode('UTF-8', $text) }
sub at ($path, %query) { return $t->get($path . (%query ? '?' . join('&', map { "$_=" . escaped($query{$_}) } sort keys %query) : '')) }
sub data ($response) { return decode_json($response->{body}) }
sub same_rows ($response, $what, @expected) {
    is $response->{status}, 200, "$what: 200" or return diag $response->{body};
    return is_deeply data($response), \@expected, "$what: the rows";
}
sub refused ($response, $what, @names) {
    is $response->{status}, 400, "$what: 400";
    my $problem = eval { data($response) } // {};
    return is_deeply [sort map { $_->{name} } @{$problem->{'invalid-params'} // []}], [sort @names], "$what: named";
}

# --- parameters ---
for my $name (@names) {
    same_rows at('/api/named/' . escaped($name)), 'the name ' . escaped($name), grep { $_->{name} eq $name } @rows;
}
same_rows at('/api/named/a', from => '2024-02-20'), 'an optional parameter', grep { $_->{name} eq 'a' && $_->{day} ge '2024-02-20' } @rows;
is at('/api/named/nobody')->{status}, 404, 'no rows are 404 where the card says so';
is at('/api/named/all')->{body}, '200', 'a literal path goes before a pattern';
refused at('/api/named/a', from => '2024-02-30'), 'a day that no calendar has', 'from';
refused at('/api/named/a', from => '2024-02-01', nope => 1), 'an unknown name', 'nope';
refused at('/api/named/123456789'), 'a text that is too long', 'name';
refused $t->get('/api/named/a?from=2024-02-01&from=2024-02-02'), 'a name twice', 'from';
refused $t->get('/api/slow/' . $_), "the integer $_", 'n' for qw(1e9 %201 0x10 NaN 9223372036854775808 -0 %EF%BC%91 01 1.0);
is $t->get("/api/named/a?from=$_")->{status}, 400, "the query from=$_" for '%', '%zz', '%00', '%ff', 'a' x 4000;
is $t->get('/api/named/a?' . join '&', map { "p$_=1" } 1 .. 1000)->{status}, 400, 'a thousand parameters';
is $t->get("/api/named/a'%20or%201=1")->{status}, 400, 'SQL is no name';
same_rows at('/api/named/' . escaped("it's")), 'a quote is a value', grep { $_->{name} eq "it's" } @rows;
is $t->request({method => 'POST', path => '/api/named/a', body => ''})->{status}, 405, 'POST: 405';

# --- options ---
same_rows at('/api/rows', fields => 'value,id', limit => 3), 'fields and limit', map { {value => $_->{value}, id => $_->{id}} } @rows[0 .. 2];
like at('/api/rows', fields => 'value,id', limit => 1)->{body}, qr/^\[\{"value":/, 'fields: in their order';
sub filtered ($filter, $code) { return same_rows at('/api/rows', filter => $filter), "filter $filter", grep { $code->($_) } @rows }
filtered 'id>=10,id<13', sub ($row) { $row->{id} >= 10 && $row->{id} < 13 };
filtered 'id>197.5', sub ($row) { $row->{id} > 197.5 };
filtered 'value<=0.5', sub ($row) { defined $row->{value} && $row->{value} <= 0.5 };
filtered 'value!=0', sub ($row) { defined $row->{value} && $row->{value} != 0 };
filtered 'name~%', sub ($row) { $row->{name} =~ /%/ };
filtered 'name~_', sub ($row) { $row->{name} =~ /_/ };
filtered 'name="a b"', sub ($row) { $row->{name} eq 'a b' };
filtered 'day=2024-02-29', sub ($row) { $row->{day} eq '2024-02-29' };
refused at('/api/rows', filter => $_), "filter $_", 'filter' for 'nope=1', 'id=x', 'id=007', 'id=+1', 'day=yesterday', 'id', 'id=1;drop table stats', 'value=NaN';
refused at('/api/rows', sort => 'nope'), 'sort by what is not there', 'sort';
refused at('/api/rows', fields => 'id,nope'), 'fields that are not there', 'fields';
refused at('/api/rows', limit => 0), 'limit 0', 'limit';
refused at('/api/rows', points => 5), 'an option that the card has not', 'points';

sub by_value_down { my @all = @_; return (sort { $b->{value} <=> $a->{value} || $a->{id} <=> $b->{id} } grep { defined $_->{value} } @all), grep { !defined $_->{value} } @all }
same_rows at('/api/rows', sort => '-value'), 'sort: descending, NULL last', by_value_down(@rows);

# --- pages ---
my ($path, @walked) = ('/api/rows?' . join '&', 'limit=17', 'sort=-value', 'filter=' . escaped('id>=5'));
my $pages = 0;
while (defined $path && $pages++ < 30) {
    my $response = $t->get($path);
    is $response->{status}, 200, "page $pages" or last;
    push @walked, @{data($response)};
    $path = ($response->{header}{link} // '') =~ /^<(.+)>; rel="next"$/ ? $1 : undef;
}
is_deeply \@walked, [by_value_down(grep { $_->{id} >= 5 } @rows)], 'pages: every row once, in order';
is $pages, 12, 'pages: as many as it takes';
sub walk ($path) {
    my @found;
    for (1 .. 30) {
        my $response = $t->get($path);
        return [$response->{status}, $response->{body}] if $response->{status} != 200;
        push @found, map { $_->{i} } @{data($response)};
        return \@found if ($response->{header}{link} // '') !~ /^<(.+)>; rel="next"$/;
        $path = $1;
    }
    return ['no end', @found];
}
# Rows that come and go between two pages: no other one is left out, or there twice.
my $page = $t->get('/api/paged?sort=value&limit=3');
is_deeply [map { $_->{id} } @{data($page)}], [1, 2, 3], 'a first page';
my ($rest) = $page->{header}{link} =~ /^<(.+)>; rel="next"$/;
delete $value_of{4};
$t->write_file('paged.csv', pairs(%value_of, 0 => 10, 9 => 10, 10 => 25));
wait_for(sub { @{data($t->get('/api/paged'))} == 10 }, 10, 'the other rows');
my @after;
while (defined $rest) {
    my $next = $t->get($rest);
    push @after, map { $_->{id} } @{data($next)};
    ($rest) = ($next->{header}{link} // '') =~ /^<(.+)>; rel="next"$/;
}
is_deeply \@after, [9, 5, 10, 6, 7, 8], 'the next ones go on behind its last row, (10, 3), among the rows of now';

for my $type (sort keys %typed) {
    for my $sort ('v', '-v') {
        my $whole = [map { $_->{i} } @{data($t->get("/api/typed/$type?sort=$sort,i"))}];
        is_deeply walk("/api/typed/$type?sort=$sort&limit=3"), $whole, "pages by $sort of the type $type: as without pages";
    }
    my $cursor = encode_base64url('+4:oops+1:0');
    my $status = $t->get("/api/typed/$type?sort=v&limit=3&cursor=$cursor")->{status};
    is $status, $type eq 'text' || $type eq 'uuid' ? 200 : 400, "a cursor with what is no value of the type $type";
}
sub found ($type, $filter) { return join ' ', map { $_->{i} } @{data(at("/api/typed/$type", filter => $filter, sort => 'i'))} }
is found('float', 'v=0.1'), '0', 'a filter of a REAL';
is found('huge', 'v=100000000000000000005'), '14', 'a filter of a number larger than a double can tell';
is found('wide', 'v<10000000000000000002'), '18 19', 'and of a DECIMAL';
is found('decimal', 'v=1.00000000000000000001'), '18', 'to its last digit';
is found('special', 'v>=0'), join(' ', grep { $_ != 3 && $_ != 4 } 0 .. 19), 'what is null in JSON fits no condition';
is found('uuid', 'v=00000000-0000-0000-0000-000000000003'), '16', 'a filter of a UUID';
is found('uuid', 'v=x'), '', 'also with what is none';
is found('label', 'v=c'), '2 5 8 11 14 17', 'a filter of an ENUM';
refused at('/api/listed', sort => $_, cursor => encode_base64url('+1:0+1:0')), "an order by $_, with a cursor", 'sort' for 'l', 't';
refused at('/api/listed', sort => 'x', limit => 2), 'an order by texts that no URL can hold', 'sort';
refused at('/api/rows', limit => 2, cursor => $_), "the cursor $_", 'cursor' for 'x', 'AAAA', '!!', 'KzE6eCsxOnk', 'KzE6eA';

# --- steps ---
is scalar @{data(at('/api/thin'))}, 100, 'points: the card\'s own';
is scalar @{data(at('/api/thin', points => 10))}, 10, 'points: fewer';
is_deeply data(at('/api/thin', points => 2, fields => 'x')), [{x => 0}, {x => 100}], 'points and fields';
refused at('/api/thin', points => 101), 'points: not more than the card\'s own', 'points';

is_deeply data(at('/api/summed/50')), [{v => {sum => 1225, count => 50}}], 'steps take in more rows than max_rows of a card with parameters';
is_deeply data(at('/api/summed/3')), [{v => {sum => 3, count => 3}}], 'those that its parameter says';
is at('/api/summed/0')->{status}, 404, 'and none at all are still not found';
is_deeply data(at('/api/whole', fields => 'w')), [{w => {sum => 1225, count => 50}}], 'also with options that look at the result';
is at('/api/whole', filter => 'w<5')->{status}, 503, 'one that picks rows needs them all';
is_deeply [map { $_->{g} } @{data(at('/api/groups'))}], [0, 1, 2, 4, 5, 7], 'further steps go on from what the first made';
is_deeply [map { $_->{g} } @{data(at('/api/groups', points => 2))}], [0, 7], 'with as many points as are asked for';
refused at('/api/groups', points => 1), 'fewer points than the method needs', 'points';

# --- HTTP ---
my $first = at('/api/named/x_y', from => '2024-02-10');
like $first->{header}{'cache-status'}, qr/^gatehouse; fwd=uri-miss; stored/, 'what was computed says so';
like at('/api/named/x_y', from => '2024-02-10')->{header}{'cache-status'}, qr/^gatehouse; hit; ttl=\d/, 'the next one is a hit';
is $t->get('/api/named/x_y?from=2024-02-10', 'If-None-Match' => $first->{header}{etag})->{status}, 304, 'conditions hold';
like $t->get('/api/named/x_y?from=2024-02-10&format=csv')->{body}, qr/^id,name,value,day\r\n/, 'formats are there';
is $t->get('/api/named/x_y?format=xml')->{status}, 400, 'an unknown format';
my $head = $t->head('/api/named/x_y?from=2024-02-10');
is $head->{header}{'content-length'}, length $first->{body}, 'HEAD';
is $t->get('/api/guarded/1')->{status}, 401, 'require: 401 for who is not known';
is $t->get('/api/nothing')->{status}, 404, 'a path of no card';

# --- failing sources ---
my $broken = $t->get('/api/broken/1');
is $broken->{status}, 503, 'a source that cannot be read: 503';
ok $broken->{header}{'retry-after'}, 'with Retry-After';
unlike $broken->{body}, qr/missing|\Q@{[$t->dir]}\E/, 'and without the source or the file';
$t->expect_in_logs(qr/card failed/);

# --- single flight: as many as ask get the one answer ---
my @clients = map { $t->http } 1 .. 6;
$_->connect, $_->send("GET /api/slow/7 HTTP/1.1\r\nHost: x\r\n\r\n") for @clients;
my @answers = map { $_->read_response } @clients;
is scalar(grep { $_->{status} == 200 } @answers), 6, 'single flight: all are answered';
is scalar(grep { $_->{header}{'cache-status'} =~ /stored/ && $_->{header}{'cache-status'} !~ /collapsed/ } @answers), 1, 'single flight: one computed';
@clients = map { $t->http } 1 .. 12;
$clients[$_]->connect, $clients[$_]->send("GET /api/slow/@{[100 + $_]} HTTP/1.1\r\nHost: x\r\n\r\n") for 0 .. $#clients;
@answers = map { $_->read_response } @clients;
my @busy = grep { $_->{status} == 429 } @answers;
ok @busy > 0 && @busy + grep({ $_->{status} == 200 } @answers) == 12, 'beyond max_waiting: 429, and the others are answered';
is $busy[0]{header}{'retry-after'}, 1, 'with Retry-After';

# --- a changed source ---
$t->write_file('stats.csv', csv(grep { $_->{name} ne 'x_y' } @rows));
wait_for(sub { at('/api/named/x_y', from => '2024-02-10')->{status} == 404 }, 10, 'the changed rows');
pass 'a changed source is seen';
wait_for(sub { @{data(at('/api/rows', filter => 'name=x_y'))} == 0 }, 10, 'no rows of that name');
pass 'also by options of a card that refreshes by itself';

is data($t->get('/api/of_card/1'))->[0]{rows}, scalar(grep { $_->{name} ne 'x_y' } @rows), 'a card over a card';
$t->write_file('stats.csv', csv(@rows[0 .. 9]));
wait_for(sub { data($t->get('/api/of_card/1'))->[0]{rows} == 10 }, 10, 'a card over a card that has changed');
$t->write_file('stats.csv', csv(@rows));
my $now = $t->get('/api/of_time/1')->{body};
wait_for(sub { $t->get('/api/of_time/1')->{body} ne $now }, 10, 'the time moves on');

# --- gatehousectl ---
sub told (@command) { my ($exit, $out, $err) = $t->ctl(@command); return "$exit $out$err" }
like told('card', 'list'), qr/^0 .*^named +on_demand +- +- +- +\d\S* \S+ +- +stats +\/api\/named\/\{name\}$/ms, 'card list has cards on demand';
my $shown = decode_json(($t->ctl('-o', 'json', 'card', 'show', 'of_time'))[1]);
is "$shown->{state} $shown->{variants}{kept}", 'on_demand 1', 'card show counts answers';
like told('card', 'show', 'of_time'), qr/^answers kept +1$/m, 'also for people';
like told('card', 'export', 'of_time'), qr{^1 .*"of_time" is computed when somebody asks; ask nginx for /api/of_time/\{n\}}, 'card export says where its answers are';
my $computed = $t->get('/api/named/a')->{header}{etag} && decode_json(($t->ctl('-o', 'json', 'card', 'show', 'named'))[1])->{variants}{computed};
like told('card', 'refresh', 'named'), qr/^0 named: [1-9]\d* answers forgotten/, 'card refresh forgets them';
wait_for(sub { $t->get('/api/named/a'); decode_json(($t->ctl('-o', 'json', 'card', 'show', 'named'))[1])->{variants}{computed} > $computed }, 10, 'computed anew');
like told('card', 'refresh', 'nobody'), qr/^1 .*there is no card "nobody"/, 'a card that is not there';

# --- what cannot be read any more ---
is $t->get('/api/of_file/1')->{body}, '{"n":1,"rows":1}', 'a file';
unlink $t->dir('fragile.csv');
wait_for(sub { $t->get('/api/of_file/1')->{header}{'cache-status'} =~ /ttl=-/ }, 10, 'stale');
$t->expect_in_logs(qr/card failed.*fragile/);

# --- a reload ---
$cards{named}{params}{name}{max_length} = 1;
$t->sidecar_config({sources => {stats => {kind => 'csv', path => '%%DIR%%/stats.csv'}, missing => {kind => 'csv', path => '%%DIR%%/missing.csv'},
    fragile => {kind => 'csv', path => '%%DIR%%/fragile.csv'}, paged => {kind => 'csv', path => '%%DIR%%/paged.csv'}}, cards => \%cards});
my ($exit, $out, $err) = $t->ctl('reload', '--wait');
is $exit, 0, 'reload' or diag $err;
refused at('/api/named/' . escaped("it's")), 'a reload changes what is a parameter', 'name';
is at('/api/named/a')->{status}, 200, 'and the others go on';
$t->done;
