package Gatehouse::UpstreamsTable;

# What the sidecar tells workers of the peers of upstreams, as docs/formats.md has it.

use v5.36;
use Exporter 'import';

our @EXPORT_OK = qw(upstreams_table);

# Of rows [upstream, peer, state, recovered, since_ms, reason].
sub upstreams_table (@rows) {
    my ($rows, $text) = ('', '');
    my $put = sub ($word) { my $at = length $text; $text .= $word; return pack 'L<2', $at, length $word };
    for my $row (@rows) {
        my ($upstream, $peer, $state, $recovered, $since, $reason) = @$row;
        my %number = (unknown => 0, up => 1, down => 2);
        $rows .= $put->($upstream) . $put->($peer) . $put->($reason // '')
            . pack 'S<2 L< q<2 Q<', $number{$state}, $recovered // 0, 0, $since // 1_700_000_000_000, 1_700_000_001_000, 2500;
    }
    return pack('a8 L<2 Q< L<2', 'GTHUPST1', 1, 32, 32 + length($rows . $text), scalar @rows, length $text) . $rows . $text;
}

1;
