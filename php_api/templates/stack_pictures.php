<?php
/**
 * The picture of a stack, which scripts let be zoomed, marked and stretched; without them it leads to the whole picture.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var ?CrowdSky\Measurements\Measurement $measurement
 * @var ?CrowdSky\Accounts\User $user null without a login
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */

use CrowdSky\Results\ResultKind;

// The picture changes with each rescan, and browsers may cache it until then.
$address = static fn (string $page, string $more = ''): string => "$page?id={$stack->id}&v=" . substr($stack->sha256, 0, 8) . $more;
$whole = $stack->has(ResultKind::Full) ? $address('picture.php', '&size=full') : $address('thumbnail.php');
$shown = $stack->has(ResultKind::Picture) ? $address('picture.php') : $address('thumbnail.php');
$wcs = $measurement?->solution?->wcs ?? [];
$isSized = isset($wcs['width'], $wcs['height']);
$buttons = ['+' => [$t('Larger'), '+'], '-' => [$t('Smaller'), '−'], '0' => [$t('Whole picture'), '⤢']];
?>
<?php if (!$stack->has(ResultKind::Thumbnail)) : ?>
<figure class="viewer"><div class="picture"><span><?= $t('no picture') ?></span></div></figure>
<?php else : ?>
<figure class="viewer" data-viewer data-marks="<?= $e($address('stack_marks.php')) ?>"<?= $stack->has(ResultKind::Full) ? ' data-full="' . $e($whole) . '"' : '' ?><?= $stack->has(ResultKind::Preview) ? ' data-preview="' . $e($address('picture.php', '&size=preview')) . '"' : '' ?>>
    <div class="frame" data-frame tabindex="0" role="group" aria-label="<?= $t('Picture: plus and minus zoom, arrows move, 0 shows all of it') ?>">
        <div class="stage" data-stage>
            <a href="<?= $e($whole) ?>"><img src="<?= $e($shown) ?>" alt="<?= $t('The stack') ?>"<?= $isSized ? ' width="' . $e($wcs['width']) . '" height="' . $e($wcs['height']) . '"' : '' ?>></a>
            <canvas aria-hidden="true"></canvas>
            <svg aria-hidden="true" hidden></svg>
        </div>
        <div class="steps">
<?php foreach ($buttons as $step => [$name, $sign]) : ?>
            <button type="button" class="second" data-step="<?= $e($step) ?>" aria-label="<?= $name ?>" title="<?= $name ?>"><?= $e($sign) ?></button>
<?php endforeach ?>
        </div>
    </div>
    <figcaption>
        <p class="problem" data-problem role="status" hidden></p>
        <p class="star" data-star role="status" hidden></p>
        <form class="choices" data-choices>
<?php if ($isSized) : ?>
            <fieldset><legend><?= $t('Marks') ?></legend>
                <label><input type="checkbox" data-marks="objects"> <?= $t('Objects') ?></label>
<?php if ($user !== null) : ?>
                <label><input type="checkbox" data-marks="stars"> <?= $t('Stars') ?></label>
<?php endif ?>
            </fieldset>
<?php endif ?>
<?php if ($stack->has(ResultKind::Preview)) : ?>
            <fieldset><legend><?= $t('Stretch') ?></legend>
                <label><input type="radio" name="stretch" value="made" data-stretch checked> <?= $t('As made') ?></label>
                <label><input type="radio" name="stretch" value="own" data-stretch> <?= $t('Your own') ?></label>
                <div class="own">
                    <label><?= $t('Strength') ?> <input type="range" name="strength" min="0" max="100" value="60" data-stretch></label>
                    <label><?= $t('Black point') ?> <input type="range" name="black" min="-6" max="12" step="0.25" value="-1.5" data-stretch></label>
                    <label><input type="checkbox" name="linked" checked data-stretch> <?= $t('Colours linked') ?></label>
                </div>
            </fieldset>
<?php endif ?>
        </form>
        <p class="links"><a href="<?= $e($whole) ?>"><?= $t('Picture with every pixel') ?></a><?php if ($stack->has(ResultKind::Overlay)) : ?>,
            <a href="<?= $e($address('overlay.php')) ?>"><?= $t('picture with all marks') ?></a><?php endif ?></p>
    </figcaption>
</figure>
<?= $t->script(
    'Light curve of star {id}',
    'Star {id}',
    'Green',
    'Red',
    'Blue',
    'doubtful',
    'Show more of {n} stars',
    'This could not be loaded: {reason}.',
    'the site answered with {status}',
) ?>

<script type="module" src="assets/js/stack/viewer.js"></script>
<?php endif ?>
