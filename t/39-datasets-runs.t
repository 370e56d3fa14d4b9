#!/usr/bin/perl
# Datasets of runs: name, time, parameters and rows of each, kept in SQLite or in PostgreSQL alike; SQL over all of them, and over one.

use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

my $secret = 'a secret of more than thirty-two bytes';
my $all = '/gatehouse/api/v1/datasets';

sub start ($t, $state) {
    chmod 0600, $t->write_file('secret', $secret);
    $t->sidecar_config({
        state => $state,
        sources => {simulations => {kind => 'dataset', runs => JSON::PP::true}},
        cards => {
            list => {path => '/api/simulations', sql => 'select id, name, time as timestamp from simulations order by time desc, id desc'},
            one => {path => '/api/simulations/{id}', params => {id => 'integer'}, run => 'id', empty => 'not_found',
                sql => 'select * exclude (run_id) from simulations_rows where run_id = $id order by Time'},
            charts => {path => '/api/simulations/{id}/charts', params => {id => 'integer'}, run => 'id', empty => 'not_found', shape => 'object',
                sql => 'select list({time: Time, value: knowledge_mean} order by Time) as knowledge,'
                    . ' list({time: Time, value: Civilization_Count} order by Time) as civilizations'
                    . ' from simulations_rows where run_id = $id having count(*) > 0'},
            total => {path => '/total', sql => 'select count(*)::int as n, count(distinct run_id)::int as runs from simulations_rows'},
        }});
    $t->start_sidecar;
    $t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        location @compute { proxy_pass http://unix:%%API%%:; }
        location / { gate_board on; gate_compute @compute; }
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
    return $t;
}

sub api ($t, $method, $query, $body = undef, %header) {
    $header{Authorization} = 'Bearer ' . hs256({sub => 'ada', scope => 'write:simulations', exp => time + 600}, $secret);
    $header{'Content-Type'} = 'text/csv' if defined $body;
    return $t->request({method => $method, path => "$all/simulations$query", headers => \%header, defined $body ? (body => $body) : ()});
}

sub check ($t, $where) {
    my $csv = "Time,Civilization_Count,knowledge_mean\n0,5,0.5\n1,6,0.25\n";
    ok wait_for(sub { api($t, 'GET', '')->{status} == 200 }, 10, 'the state'), "$where: the state is there";
    my $answer = api($t, 'POST', '?name=first&time=2026-01-01T10:00:00Z&param.seed=7', $csv, 'Idempotency-Key' => 'one');
    is $answer->{status}, 200, 'a run' or diag $answer->{body};
    my $first = decode_json($answer->{body})->{run};
    my $again = api($t, 'POST', '?name=first&time=2026-01-01T10:00:00Z&param.seed=7', $csv, 'Idempotency-Key' => 'one');
    is $again->{body}, $answer->{body}, 'the same again is answered the same';
    is api($t, 'POST', '?name=other', $csv, 'Idempotency-Key' => 'one')->{status}, 422, 'another under its key: 422';
    is api($t, 'POST', '?time=yesterday', $csv)->{status}, 400, 'a time that is none: 400';
    is api($t, 'POST', '?name=bad', "Time,Civilization_Count,knowledge_mean\n0.5,5,1\n")->{status}, 422, 'fractions for whole numbers: 422';
    is api($t, 'POST', '?name=bad', "Time\n1\n")->{status}, 422, 'other columns: 422';
    my $second = decode_json(api($t, 'POST', '?name=second&time=2026-01-02T10:00:00Z', "Time,Civilization_Count,knowledge_mean\n2,1,1\n")->{body})->{run};
    my $third = decode_json(api($t, 'POST', '?name=older&time=2025-01-01', "Time,Civilization_Count,knowledge_mean\n3,1,1.5\n")->{body})->{run};
    my $expected = qq([{"id":$second,"name":"second","timestamp":"2026-01-02T10:00:00"},{"id":$first,"name":"first","timestamp":"2026-01-01T10:00:00"},)
        . qq({"id":$third,"name":"older","timestamp":"2025-01-01T00:00:00"}]);
    is $t->wait_for_answer('/api/simulations', sub ($response) { $response->{body} eq $expected })->{body}, $expected, 'the newest come first';
    ok $t->wait_for_answer('/total', sub ($response) { $response->{body} eq '[{"n":4,"runs":3}]' }), 'SQL sees the rows of all';
    my $body = $t->get("/api/simulations/$first")->{body} =~ s/ //gr;
    is $body, '[{"Time":0,"Civilization_Count":5,"knowledge_mean":0.5},{"Time":1,"Civilization_Count":6,"knowledge_mean":0.25}]', 'and of one';
    is $t->get("/api/simulations/$first/charts")->{body},
        '{"knowledge":[{"time":0,"value":0.5},{"time":1,"value":0.25}],"civilizations":[{"time":0,"value":5},{"time":1,"value":6}]}', 'as charts want them';
    is $t->get("/api/simulations/$_")->{status}, 404, "run $_: 404" for 9999, 0;
    is $t->get("/api/simulations/$_/charts")->{status}, 404, "charts of run $_: 404" for 9999, -1;
    is $t->get('/api/simulations/x/charts')->{status}, 400, 'one that is no number: 400';
    my $told = decode_json(api($t, 'GET', '')->{body});
    is $told->{run_count}, 3, 'its runs are told';
    is_deeply $told->{list}[1]{parameters}, {seed => 7}, 'with their parameters';
    for ("rnu=$second", "run=$second&x", 'Run=1') {
        is api($t, 'DELETE', "?$_")->{status}, 400, "DELETE with $_: 400";
    }
    is api($t, 'DELETE', "?$_")->{status}, 400, "DELETE with $_: 400" for 'run=', 'run=x', 'run=1&run=2';
    my $typo = api($t, 'POST', '?nmae=third&param.seed=1', $csv);
    is $typo->{status}, 400, 'a misspelt name: 400';
    is_deeply decode_json($typo->{body})->{'invalid-params'}, [{name => 'nmae', reason => 'is not known here'}], 'it is named';
    is decode_json(api($t, 'GET', '')->{body})->{run_count}, 3, 'nothing was done';
    is api($t, 'DELETE', "?run=$second")->{status}, 204, 'one may be dropped';
    ok $t->wait_for_answer('/total', sub ($response) { $response->{body} eq '[{"n":3,"runs":2}]' }), 'and is gone';
    ok $t->wait_for_answer("/api/simulations/$second", 404), 'everywhere';
    my $file = $t->write_file('run.csv', $csv);
    my ($exit, $out, $err) = $t->ctl('dataset', 'put', 'simulations', $file, '--append', '--run-name', 'by hand', '--param', 'a=1', '--param', 'b=x y');
    like $out, qr/^simulations: 2 rows, run \d+$/, 'gatehousectl adds one' or diag $err;
    is_deeply decode_json(api($t, 'GET', '')->{body})->{list}[0]{parameters}, {a => 1, b => 'x y'}, 'with its parameters';
    my $refused = grep {
        my $control = Gatehouse::Http->new(path => $t->control_path);
        $control->request({method => 'POST', path => '/v1/datasets/simulations/uploads?type=text/csv&mode=append&time=yesterday', body => ''})->{status} == 400
    } 1 .. 65;
    is $refused, 65, 'one of a time that is none is refused';
    ($exit, $out, $err) = $t->ctl('dataset', 'put', 'simulations', $file, '--append', '--run-name', 'after them');
    is $exit, 0, 'and leaves nothing behind that would count as an upload' or diag $err;
    is api($t, 'DELETE', '?run=' . decode_json(api($t, 'GET', '')->{body})->{list}[0]{id})->{status}, 204, 'which goes again';
    $t->kill_sidecar('KILL');
    $t->start_sidecar;
    ok wait_for(sub { api($t, 'GET', '')->{status} == 200 }, 10, 'the state'), 'after a kill';
    is decode_json(api($t, 'GET', '')->{body})->{run_count}, 3, 'all are there';
    return;
}

my $t = Gatehouse->new;
plan skip_all => 'needs the module, the sidecar and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
check(start($t, {path => '%%DIR%%/state.db'}), 'SQLite');
$t->finish;

# --- PostgreSQL, of an unprivileged user, on a Unix socket ---
SKIP: {
    my ($programs) = reverse sort glob '/usr/lib/postgresql/*/bin';
    skip 'PostgreSQL is not installed', 1 if !$programs;
    my $p = Gatehouse->new;
    my $data = $p->dir('pg');
    mkdir $data or die "$data: $!";
    my $as = $> == 0 ? 'runuser -u postgres -- ' : '';
    system("chown postgres '$data'") if $as;
    my $run = sub ($command) { system("cd / && $as sh -c \"$command\" > $p->{dir}/logs/pg.log 2>&1") == 0 };
    ok $run->("$programs/initdb -D $data/data -A trust -U gatehouse --no-sync -E UTF8 --locale=C"), 'a PostgreSQL of its own';
    ok $run->("$programs/pg_ctl -w -D $data/data -l $data/log -o '-F -c listen_addresses= -k $data' start"), 'runs';
    eval { check(start($p, {url => "host=$data user=gatehouse dbname=postgres"}), 'PostgreSQL'); 1 } or fail("PostgreSQL: $@");
    $p->finish;
    $run->("$programs/pg_ctl -m immediate -D $data/data stop");
}
done_testing();
