<?php
/**
 * @var string $here page of the list that is shown
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
?>
<nav class="tabs" aria-label="<?= $t('Lists of stars') ?>">
<?php foreach (['variables.php' => $t('Variable stars'), 'new_sources.php' => $t('New sources')] as $page => $name) : ?>
    <a href="<?= $e($page) ?>"<?= $page === $here ? ' aria-current="page"' : '' ?>><?= $name ?></a>
<?php endforeach ?>
</nav>
