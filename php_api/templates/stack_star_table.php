<?php
/**
 * All stars of a stack, which a script fills in and sorts; without it there is the file.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
$columns = [
    'id' => $t('Star'),
    'mag_g' => $t('Green, mag'),
    'error_g' => $t('Error'),
    'mag_r' => $t('Red'),
    'mag_b' => $t('Blue'),
    'fwhm_px' => $t('FWHM, px'),
];
?>
<h2><?= $t('Stars in this stack') ?></h2>
<p><a href="stack_marks.php?id=<?= $e($stack->id) ?>&amp;format=csv"><?= $t('Table as CSV') ?></a>
    <span class="hint"><?= $t('magnitudes by the zero points of this stack alone') ?></span></p>
<div data-star-table hidden>
<div class="scroll" role="region" aria-label="<?= $t('Stars in this stack') ?>" tabindex="0">
<table class="sortable">
    <thead><tr>
<?php foreach ($columns as $column => $name) : ?>
        <th data-column="<?= $e($column) ?>" scope="col"><button type="button"><?= $name ?></button></th>
<?php endforeach ?>
    </tr></thead>
    <tbody></tbody>
</table>
</div>
<p><button type="button" class="second" data-more hidden></button></p>
</div>
