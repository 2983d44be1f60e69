<?php
/**
 * @var CrowdSky\Pages\Pager $pager
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
?>
<?php if ($pager->pages > 1) : ?>
<nav class="pager" aria-label="<?= $t('Pages') ?>">
<?php if ($pager->page > 1) : ?>
    <a rel="prev" href="<?= $e($pager->address($pager->page - 1)) ?>"><?= $t('Previous') ?></a>
<?php endif ?>
    <span><?= $t('Page {n} of {all}', ['n' => $pager->page, 'all' => $pager->pages]) ?></span>
<?php if ($pager->page < $pager->pages) : ?>
    <a rel="next" href="<?= $e($pager->address($pager->page + 1)) ?>"><?= $t('Next') ?></a>
<?php endif ?>
</nav>
<?php endif ?>
