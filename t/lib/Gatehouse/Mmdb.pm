package Gatehouse::Mmdb;

# Writes small databases of networks (.mmdb), after the MaxMind DB File Format Specification 2.0.
#
#     use Gatehouse::Mmdb qw(mmdb country);
#     $t->write_file('c.mmdb', mmdb({'192.0.2.0/24' => country('DE'), '2001:db8::/32' => country('JP')}));
#     mmdb({'192.0.2.0/24' => {asn => 64500, as_name => 'Example'}}, ip_version => 4, epoch => 1_700_000_000);
#
# Values: a hash is a map, an array an array, a whole number uint32, a reference to a text that text,
# anything else a text. Networks: of the deeper one its own part is its own.

use v5.36;
use Exporter 'import';
use Socket qw(AF_INET AF_INET6 inet_pton);

our @EXPORT_OK = qw(mmdb country mmdb_value);

my %type = (text => 2, uint16 => 5, uint32 => 6, map => 7, uint64 => 9, array => 11);

# As MaxMind's databases of countries have it.
sub country ($code) { return {country => {iso_code => $code}} }

sub control ($type, $size) {
    my $extra = $size < 29 ? '' : $size < 285 ? pack('C', $size - 29) : pack('n', $size - 285);
    my $bits = $size < 29 ? $size : $size < 285 ? 29 : 30;
    return $type < 8 ? pack('C', $type << 5 | $bits) . $extra : pack('CC', $bits, $type - 7) . $extra;
}

sub number ($type, $number) {
    my $bytes = pack('Q>', $number) =~ s/^\0+//r;
    return control($type{$type}, length $bytes) . $bytes;
}

sub text ($text) { return control($type{text}, length $text) . $text }

sub mmdb_value ($value) {
    my $kind = ref $value;
    if ($kind eq 'HASH') {
        return join '', control($type{map}, scalar keys %$value),
            map { text($_), mmdb_value($value->{$_}) } sort keys %$value;
    }
    return join '', control($type{array}, scalar @$value), map { mmdb_value($_) } @$value if $kind eq 'ARRAY';
    return text($$value) if $kind eq 'SCALAR';
    return $value =~ /^\d+$/ ? number(uint32 => $value) : text($value);
}

# A network as its bits; IPv4 stands under ::/96 in a database of IPv6.
sub bits ($network, $ip_version) {
    my ($address, $length) = split m{/}, $network;
    my $v4 = $address !~ /:/;
    my $bits = unpack 'B*', inet_pton($v4 ? AF_INET : AF_INET6, $address) // die "$network is no network";
    return $v4 && $ip_version == 6 ? '0' x 96 . substr $bits, 0, $length : substr $bits, 0, $length;
}

sub mmdb ($networks, %option) {
    my $ip_version = $option{ip_version} // 6;
    my ($data, %offset, @nodes) = ('');
    push @nodes, [undef, undef];
    my %bits = map { $_ => bits($_, $ip_version) } keys %$networks;
    for my $network (sort { length $bits{$a} <=> length $bits{$b} || $a cmp $b } keys %bits) {
        my $value = mmdb_value($networks->{$network});
        $offset{$value} //= do { my $at = length $data; $data .= $value; $at };
        my @way = split //, $bits{$network};
        my $last = pop @way;
        my $node = 0;
        for my $side (@way) {
            my $next = $nodes[$node][$side];
            if (!ref $next) {  # what was known of the whole stays known of the other half
                push @nodes, [$next, $next];
                $nodes[$node][$side] = $next = \(my $number = $#nodes);
            }
            $node = $$next;
        }
        $nodes[$node][$last] = $offset{$value};
    }
    my $record = sub ($value) {
        return defined $value ? ref $value ? $$value : @nodes + 16 + $value : scalar @nodes;
    };
    my $tree = join '', map { my $node = $_; map { substr pack('N', $record->($_)), 1 } @$node } @nodes;
    my %metadata = (
        binary_format_major_version => number(uint16 => 2),
        binary_format_minor_version => number(uint16 => 0),
        build_epoch => number(uint64 => $option{epoch} // 1_700_000_000),
        database_type => text($option{type} // 'Test'),
        description => mmdb_value({}),
        ip_version => number(uint16 => $ip_version),
        languages => mmdb_value(['en']),
        node_count => number(uint32 => scalar @nodes),
        record_size => number(uint16 => 24),
    );
    return $tree . "\0" x 16 . $data . "\xAB\xCD\xEFMaxMind.com" . control($type{map}, scalar keys %metadata)
        . join '', map { text($_) . $metadata{$_} } sort keys %metadata;
}

1;
