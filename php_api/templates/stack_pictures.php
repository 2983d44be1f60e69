<?php
/**
 * The picture and the annotated picture; each links to the full file.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var Closure $e
 */

use CrowdSky\Results\ResultKind;

// The picture changes with each rescan, and browsers may cache it until then.
$address = static fn (string $page): string => "$page?id={$stack->id}&v=" . substr($stack->sha256, 0, 8);
?>
<div class="views">
<?php if ($stack->has(ResultKind::Overlay)) : ?>
    <input type="radio" name="view" id="view-plain" checked><label for="view-plain">Picture</label>
    <input type="radio" name="view" id="view-marked"><label for="view-marked">Stars and objects marked</label>
<?php endif ?>
<?php if ($stack->has(ResultKind::Thumbnail)) : ?>
    <figure class="plain"><a class="picture" href="<?= $e($address('thumbnail.php')) ?>">
        <img src="<?= $e($address('thumbnail.php')) ?>" alt="Preview of the stack"></a></figure>
<?php else : ?>
    <figure class="plain"><div class="picture"><span>no thumbnail</span></div></figure>
<?php endif ?>
<?php if ($stack->has(ResultKind::Overlay)) : ?>
    <figure class="marked"><a class="picture" href="<?= $e($address('overlay.php')) ?>">
            <img src="<?= $e($address('overlay.php')) ?>" alt="The stack with its stars and objects marked" loading="lazy"></a>
        <figcaption>Catalogue stars with their magnitudes, and objects, where the solution puts them.
            <a href="<?= $e($address('overlay.php')) ?>">Full size</a></figcaption></figure>
<?php endif ?>
</div>
