<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/** Internet addresses and networks, such as those of the proxies in front of the site. */
final class AddressList
{
    /** @param list<array{string, int}> $networks packed address and the number of bits that count */
    private function __construct(private readonly array $networks)
    {
    }

    /**
     * @param string $text addresses and networks such as 192.0.2.1 or 2001:db8::/32, separated by commas
     * @throws \InvalidArgumentException naming what is neither
     */
    public static function parse(string $text): self
    {
        $networks = [];
        foreach (array_filter(array_map(trim(...), explode(',', $text)), static fn (string $part): bool => $part !== '') as $part) {
            [$address, $bits] = explode('/', $part, 2) + [1 => null];
            $packed = self::pack($address);
            $most = $packed === null ? 0 : 8 * strlen($packed);
            if ($packed === null || $bits !== null && (preg_match('/^[0-9]{1,3}$/D', $bits) !== 1 || (int) $bits > $most)) {
                throw new \InvalidArgumentException("'$part' is no address or network");
            }
            $networks[] = [$packed, $bits === null ? $most : (int) $bits];
        }
        return new self($networks);
    }

    public function contains(string $address): bool
    {
        $packed = self::pack($address);
        foreach ($packed === null ? [] : $this->networks as [$network, $bits]) {
            if (strlen($network) === strlen($packed) && self::start($network, $bits) === self::start($packed, $bits)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The client of these proxies. Each proxy adds the address of its own client to X-Forwarded-For, so the list is read
     * from its end as far as the proxies are known: what lies before it may be invented.
     *
     * @param string $peer address of the proxy that is connected to this server
     */
    public function client(string $peer, string $forwardedFor): string
    {
        $address = $peer;
        foreach (array_reverse(explode(',', $forwardedFor)) as $told) {
            $plain = self::plain($told);
            if ($plain === null) {
                break;
            }
            $address = $plain;
            if (!$this->contains($address)) {
                break;
            }
        }
        return $address;
    }

    /**
     * The address in the form that it is compared and stored in, without a port; null if it is none.
     */
    public static function plain(string $text): ?string
    {
        $bare = preg_replace(['/^\[([^\]]*)\](:\d+)?$/', '/^([\d.]+):\d+$/'], '$1', trim($text)) ?? '';
        $packed = self::pack($bare);
        return $packed === null ? null : (string) inet_ntop($packed);
    }

    /** IPv4 addresses that are written as IPv6 (::ffff:192.0.2.1) are IPv4. */
    private static function pack(string $address): ?string
    {
        $packed = filter_var($address, FILTER_VALIDATE_IP) === false ? false : inet_pton($address);
        if ($packed === false) {
            return null;
        }
        $mapped = str_repeat("\0", 10) . "\xff\xff";
        return strlen($packed) === 16 && str_starts_with($packed, $mapped) ? substr($packed, 12) : $packed;
    }

    /** The bits of a packed address that count, as text of zeros and ones. */
    private static function start(string $packed, int $bits): string
    {
        $all = array_map(static fn (string $byte): string => sprintf('%08b', ord($byte)), str_split($packed));
        return substr(implode('', $all), 0, $bits);
    }
}
