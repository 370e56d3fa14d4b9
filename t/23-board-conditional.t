#!/usr/bin/perl
# Preconditions (RFC 9110 §13) and ranges (§14) over a card: 304, 412, 206, 416.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

my $json = join '', map { chr(65 + $_ % 26) } 0 .. 999;
my $publisher = $t->start_publisher;
$publisher->card('c', '/c', json => $json, 'json.gzip' => 'zipped', csv => 'c', last_modified => 1_700_000_000, age_ms => 5000);
$publisher->card('gone', '/gone', json => $json, age_ms => 100_000, stale_ms => 0);
$publisher->card('empty', '/empty', json => '');
$t->nginx_conf(<<'END');
gate_board on;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { }
    location /norange { max_ranges 0; rewrite ^ /c break; }
    location /as404 { error_page 404 /c; return 404; }
    location /as200 { error_page 404 =200 /c; return 404; }
}
END
$t->start_nginx;
my $plain = $t->wait_for_answer('/c');
my $tag = $plain->{header}{etag};
my $zipped_tag = $t->get('/c', 'Accept-Encoding' => 'gzip')->{header}{etag};
isnt $zipped_tag, $tag, 'each encoding has its own tag';

# The card was last modified on Tue, 14 Nov 2023 22:13:20 GMT.
my ($at, $before, $after) = map { "Tue, 14 Nov 2023 22:13:$_ GMT" } 20, 19, 21;
my $other = '"0000000000000000"';

subtest 'preconditions' => sub {
    my @cases = (
        [{'If-None-Match' => $tag}, 304], [{'If-None-Match' => "W/$tag"}, 304], [{'If-None-Match' => '*'}, 304],
        [{'If-None-Match' => "$other , $tag"}, 304], [{'If-None-Match' => ",, $other,\t$tag ,"}, 304],
        [{'If-None-Match' => $other}, 200], [{'If-None-Match' => $tag =~ s/"//gr}, 200],
        [{'If-None-Match' => $tag =~ s/"$//r}, 200], [{'If-None-Match' => $zipped_tag}, 200],
        [{'If-None-Match' => join ', ', ($other) x 300}, 200],
        [{'If-Modified-Since' => $at}, 304], [{'If-Modified-Since' => $after}, 304],
        [{'If-Modified-Since' => $before}, 200], [{'If-Modified-Since' => 'yesterday'}, 200],
        [{'If-Modified-Since' => 'Tuesday, 14-Nov-23 22:13:20 GMT'}, 304],
        [{'If-Modified-Since' => 'Mon, 18 Jan 2038 00:00:00 GMT'}, 304],
        [{'If-None-Match' => $other, 'If-Modified-Since' => $at}, 200],
        [{'If-None-Match' => $tag, 'If-Modified-Since' => $before}, 304],
        [{'If-Match' => $tag}, 200], [{'If-Match' => '*'}, 200], [{'If-Match' => "$other, $tag"}, 200],
        [{'If-Match' => $other}, 412], [{'If-Match' => "W/$tag"}, 412], [{'If-Match' => ''}, 412],
        [{'If-Unmodified-Since' => $at}, 200], [{'If-Unmodified-Since' => $before}, 412],
        [{'If-Match' => $tag, 'If-Unmodified-Since' => $before}, 200],
        [{'If-Match' => $tag, 'If-None-Match' => $tag}, 304], [{'If-Match' => $other, 'If-None-Match' => $tag}, 412],
        [{'If-None-Match' => $zipped_tag, 'Accept-Encoding' => 'gzip'}, 304],
    );
    for my $case (@cases) {
        my ($headers, $status) = @$case;
        my $name = substr join(', ', map { "$_: $headers->{$_}" } sort keys %$headers), 0, 100;
        is $t->get('/c', %$headers)->{status}, $status, "$name: $status";
    }
};

subtest 'the 304 and the 412' => sub {
    my $r = $t->get('/c', 'If-None-Match' => $tag);
    is $r->{header}{$_}, $plain->{header}{$_}, $_ for qw(etag cache-control vary);
    like $r->{header}{$_}, qr/./, $_ for qw(age date cache-status);
    ok !exists $r->{header}{$_}, "no $_" for qw(content-type content-length content-encoding last-modified accept-ranges);
    is $t->head('/c', 'If-None-Match' => $tag)->{status}, 304, 'HEAD';
    my $failed = $t->get('/c', 'If-Match' => $other);
    is $failed->{header}{'content-type'}, 'application/problem+json';
    ok !exists $failed->{header}{$_}, "no $_" for qw(etag last-modified);
    my $http = $t->http(0, keepalive => 1);
    $http->get('/c', 'If-None-Match' => $tag);
    is $http->get('/c')->{body}, $json, 'the connection is in step after a 304';
};

subtest 'where they do not apply' => sub {
    is $t->get('/gone', 'If-None-Match' => '*')->{status}, 503, 'over what is gone';
    is $t->get('/c?format=nil', 'If-None-Match' => '*')->{status}, 400, 'over an error';
    my $r = $t->get('/as404', 'If-None-Match' => $tag, Range => 'bytes=0-1');
    is $r->{status}, 404, 'on an error page';
    is $r->{body}, $json, 'which is whole';
    is $t->get('/as200', 'If-None-Match' => $tag)->{status}, 304, 'an error page that answers 200 is a plain answer';
    is $t->get('/as200', Range => 'bytes=0-1')->{status}, 206;
};

subtest 'ranges' => sub {
    my @cases = (
        ['bytes=0-0', 0, 0], ['bytes=0-99', 0, 99], ['bytes=990-', 990, 999], ['bytes=-10', 990, 999],
        ['bytes=500-5000', 500, 999], ['bytes=-5000', 0, 999], ['bytes=999-999', 999, 999], ['Bytes=1-2', 1, 2],
    );
    for my $case (@cases) {
        my ($range, $first, $last) = @$case;
        my $r = $t->get('/c', Range => $range);
        is $r->{status}, 206, $range;
        is $r->{header}{'content-range'}, "bytes $first-$last/1000";
        is $r->{body}, substr($json, $first, $last - $first + 1);
        is $r->{header}{etag}, $tag;
        is $r->{header}{$_}, $plain->{header}{$_}, $_ for qw(cache-control vary last-modified content-type);
    }
    for my $range ('bytes=1000-', 'bytes=-0', 'bytes=5000-6000') {
        my $r = $t->get('/c', Range => $range);
        is $r->{status}, 416, $range;
        is $r->{header}{'content-range'}, 'bytes */1000';
        is $r->{header}{'content-type'}, 'application/problem+json';
    }
    for my $range ('bytes=5-2', 'bytes=a-b', 'bytes=', 'lines=1-2', 'bytes=0-0,1-1', 'bytes=' . join(',', map { "$_-$_" } 0 .. 999)) {
        my $r = $t->get('/c', Range => $range);
        is $r->{status}, 200, substr($range, 0, 40) . ': the whole';
        is $r->{body}, $json;
    }
    my $zipped = $t->get('/c', Range => 'bytes=1-3', 'Accept-Encoding' => 'gzip');
    is $zipped->{body}, 'ipp', 'of the encoded bytes';
    is $zipped->{header}{'content-encoding'}, 'gzip';
    is $t->head('/c', Range => 'bytes=0-0')->{status}, 200, 'HEAD has no ranges';
    is $t->get('/empty', Range => 'bytes=0-0')->{status}, 416, 'of nothing';
    my $none = $t->get('/norange', Range => 'bytes=0-0');
    is $none->{status}, 200, 'max_ranges 0';
    ok !exists $none->{header}{'accept-ranges'};
};

subtest 'If-Range' => sub {
    my @cases = ([$tag, 206], ["W/$tag", 200], [$other, 200], [$zipped_tag, 200], [$at, 206], [$after, 200], [$before, 200], ['x', 200]);
    for my $case (@cases) {
        my ($condition, $status) = @$case;
        is $t->get('/c', Range => 'bytes=0-1', 'If-Range' => $condition)->{status}, $status, "$condition: $status";
    }
    is $t->get('/c', Range => 'bytes=5000-', 'If-Range' => $other)->{status}, 200, 'not even a 416';
    is $t->get('/c', Range => 'bytes=0-1', 'If-None-Match' => $tag)->{status}, 304, 'conditions come first';
};

$publisher->stop;
$t->done;
