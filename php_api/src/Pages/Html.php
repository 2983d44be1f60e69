<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

/** A piece of a page that is escaped already, to stand inside a sentence of $t. */
final class Html
{
    public function __construct(private readonly string $html)
    {
    }

    public function __toString(): string
    {
        return $this->html;
    }
}
