<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/**
 * Addresses of pages of this site that a browser may be sent back to, such as `stacks.php?page=3`.
 *
 * They come from links and form fields, so anybody can write them: only the bare name of a page with its query and
 * fragment is accepted. No such text can name another host.
 */
final class OwnPage
{
    private const MAX_LENGTH = 1000;
    /** Pages that lead on by themselves. */
    private const NOT_SHOWN = ['login', 'logout'];

    /** The page that a request asked for; null for anything but the GET of a page. */
    public static function asked(Request $request): ?string
    {
        if ($request->method() !== 'GET' || $request->isApi()) {
            return null;
        }
        $query = parse_url($request->target(), PHP_URL_QUERY);

        return self::accepted(basename($request->script()) . (is_string($query) && $query !== '' ? "?$query" : ''));
    }

    /** @return string|null the address, null if it is not that of a page of this site that shows something */
    public static function accepted(?string $address): ?string
    {
        $own = self::named($address);

        return $own !== null && !in_array(strtok($own, '.'), self::NOT_SHOWN, true) ? $own : null;
    }

    /** @return string|null the address, null if it is not that of any page of this site */
    public static function named(?string $address): ?string
    {
        $isOwn = $address !== null
            && strlen($address) <= self::MAX_LENGTH
            && preg_match('~^[a-z][a-z_]*\.php(\?[A-Za-z0-9._%=&+:,@/-]*)?(#[A-Za-z0-9_-]*)?$~D', $address) === 1;

        return $isOwn ? $address : null;
    }
}
