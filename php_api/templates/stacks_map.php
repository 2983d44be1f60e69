<?php
/**
 * The map of the sky, which a script draws.
 *
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<noscript><p class="note"><?= $t('The map needs JavaScript. The same stacks follow as pictures; there is a table of them, too.') ?></p></noscript>
<section class="sky" id="sky" aria-label="<?= $t('Map of the sky') ?>">
    <div class="sky-tools" role="toolbar" aria-label="<?= $t('Map of the sky') ?>" hidden>
        <button type="button" class="second" data-tool="pan" aria-pressed="true"><?= $t('Move') ?></button>
        <button type="button" class="second" data-tool="box" aria-pressed="false"><?= $t('Select a box') ?></button>
        <button type="button" class="second" data-tool="lasso" aria-pressed="false"><?= $t('Select freely') ?></button>
        <span class="space"></span>
        <button type="button" class="second" data-zoom="in" aria-label="<?= $t('Closer') ?>">+</button>
        <button type="button" class="second" data-zoom="out" aria-label="<?= $t('Farther') ?>">−</button>
        <button type="button" class="second" data-zoom="all"><?= $t('Whole sky') ?></button>
    </div>
    <canvas id="sky-canvas" tabindex="0" role="img" aria-label="<?= $t('All stacks on the sky, in an Aitoff projection; arrow keys move it, + and − zoom.') ?>"></canvas>
    <div class="sky-hint" id="sky-hint" role="status" hidden></div>
    <p class="hint sky-legend" hidden><?= $t('East is left. The band is the Milky Way within 10° of its plane; the dotted line is the path of the Sun.') ?></p>
</section>
