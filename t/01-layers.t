#!/usr/bin/perl
# The include rules: which part of the tree may include which.

use strict;
use warnings;

use File::Find;
use FindBin;
use Test::More;

chdir "$FindBin::Bin/.." or die $!;

# The first rule whose pattern fits the including file decides which of our headers it may include.
# {area} stands for the folder the pattern caught: a folder may always include itself.
my @rules = (
    ['src/base/',            'src/base/'],
    ['src/(\w+)/',           'src/base/', 'src/{area}/'],
    ['ngx_module/modules\.c', 'ngx_module/glue/'],
    ['ngx_module/glue/',     'src/', 'ngx_module/glue/'],
    ['ngx_module/(\w+)/',    'src/', 'ngx_module/glue/', 'ngx_module/{area}/'],
    ['sidecar/base/',        'src/', 'sidecar/base/'],
    # Areas meet where they are wired together, and in the configuration's plain values.
    ['sidecar/(?:main\.cpp|app/)', 'src/', 'sidecar/'],
    ['sidecar/(\w+)/',       'src/', 'sidecar/base/', 'sidecar/config/types.h', 'sidecar/{area}/'],
    ['ctl/',                 'src/', 'ctl/'],
);

# Headers from outside that belong to one part only.
my @owners = (
    [qr/^ngx_/,           qr{^ngx_module/(?:glue/ngx\.h|modules\.c)$}, 'nginx headers'],
    [qr/^duckdb/,         qr{^sidecar/(?:base|engine)/},               'DuckDB'],
    [qr{^eigen3/},        qr{^sidecar/steps/},                         'Eigen'],
    [qr{^curl/},          qr{^(?:sidecar/base|ctl)/},                  'libcurl'],
    [qr/^sqlite3/,        qr{^sidecar/(?:base|databases)/},            'SQLite'],
    [qr/^libpq-fe/,       qr{^sidecar/(?:base|databases)/},            'libpq'],
    [qr{^boost/},         qr{^(?:sidecar|ctl)/},                       'Boost'],
    [qr{^spdlog/},        qr{^sidecar/},                               'spdlog'],
    [qr{^CLI/},           qr{^(?:sidecar/main\.cpp|sidecar/app/|ctl/)}, 'CLI11'],
    [qr{^g(?:test|mock)/}, qr{_test\.(?:cpp|h)$|/(?:test_\w+|layout_doc)\.h$},  'GoogleTest'],
);

sub slurp {
    my ($path) = @_;
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return scalar <$fh>;
}

sub allowed {
    my ($file, $header) = @_;
    for my $rule (@rules) {
        my ($pattern, @targets) = @$rule;
        next unless $file =~ m{^$pattern};
        my $area = $1 // '';
        return scalar grep { my $t = s/\{area\}/$area/r; index($header, $t) == 0 } @targets;
    }
    return 0;
}

# The headers a file includes, own and foreign, in their order.
sub includes {
    my ($file) = @_;
    return slurp($file) =~ /^\s*#\s*include\s+["<]([^">]+)[">]/mg;
}

# Whether the first thing a file includes is glue/ngx.h, directly or through its own header.
sub starts_with_nginx {
    my ($file) = @_;
    my ($first) = includes($file);
    return 0 unless defined $first && $first =~ m{^ngx_module/};
    return $first eq 'ngx_module/glue/ngx.h' || (-e $first && starts_with_nginx($first));
}

sub reaches_nginx {
    my ($file) = @_;
    for my $header (grep { m{^ngx_module/} && -e } includes($file)) {
        return 1 if $header eq 'ngx_module/glue/ngx.h' || reaches_nginx($header);
    }
    return 0;
}

my @files;
find({no_chdir => 1, wanted => sub {
    push @files, $_ if /\.(?:h|c|cpp)$/;
}}, grep { -d } qw(src ngx_module sidecar ctl));

cmp_ok(scalar @files, '>', 0, 'there are sources to look at');

my (@wrong, @foreign, @missing, @order, @barriers, @pragma);

for my $file (sort @files) {
    my $text = slurp($file);
    my @own = $text =~ /^\s*#\s*include\s+"([^"]+)"/mg;

    for my $header (@own) {
        push @missing, "$file: \"$header\" does not exist as written from the root" unless -e $header;
        push @wrong, "$file includes $header" unless allowed($file, $header);
    }
    for my $header ($text =~ /^\s*#\s*include\s+<([^>]+)>/mg) {
        for my $owner (@owners) {
            my ($pattern, $place, $name) = @$owner;
            push @foreign, "$file includes <$header>: $name" if $header =~ $pattern && $file !~ $place;
        }
    }

    # nginx's headers set a 64-bit off_t, so they come before any other.
    push @order, $file
        if $file =~ m{^ngx_module/} && reaches_nginx($file) && !starts_with_nginx($file);

    # nginx is C: what it calls is wrapped once, handlers by glue/guard, directives by glue/conf.
    push @barriers, $file
        if $file =~ m{^ngx_module/} && $file !~ m{^ngx_module/glue/(?:guard|conf)\.}
        && $text =~ /^\s*(?:\}\s*)?(?:try|catch)\b/m;

    push @pragma, $file if $file =~ /\.h$/ && $text !~ /^#pragma once$/m;
}

sub none {
    my ($what, @found) = @_;
    is_deeply(\@found, [], $what) or diag map {"  $_\n"} @found;
}

none('a part includes only what stands below it', @wrong);
none('includes are written from the root and exist', @missing);
none('a foreign library is included only by its owner', @foreign);
none('glue/ngx.h comes before any other header in the module', @order);
none('only glue/guard and glue/conf catch exceptions', @barriers);
none('headers are guarded by #pragma once', @pragma);

done_testing();
